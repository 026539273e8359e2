"""`acp-merchant faults` and `acp-merchant variations`: what there is, and what one of them does."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from acp.errors import UsageError
from merchant_mock.cli.names import complete_faults, complete_variations, sought
from merchant_mock.cli.tables import NARROW, console, facts, fill, stacked, table

if TYPE_CHECKING:
    from merchant_mock.levers import Lever

_AREAS = typer.Option("--area", metavar="AREA", help="Only of this area; may be given several times.")
_JSON = typer.Option("--json", help="One a line, as JSON.")


def faults(
    words: Annotated[list[str] | None, sought(complete_faults)] = None,
    area: Annotated[list[str] | None, _AREAS] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """List the faults that `serve --fault` gives a shop, or explain one."""
    from merchant_mock.faults import FAULTS

    _show("fault", FAULTS, words or [], area or [], as_json)


def variations(
    words: Annotated[list[str] | None, sought(complete_variations)] = None,
    area: Annotated[list[str] | None, _AREAS] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """List the conformant variations that `serve --variation` gives a shop, or explain one."""
    from merchant_mock.variations import VARIATIONS

    _show("variation", VARIATIONS, words or [], area or [], as_json)


def _show(kind: str, known: Mapping[str, Lever], words: list[str], areas: list[str], as_json: bool) -> None:
    if len(words) == 1 and words[0] in known and not areas:
        lever = known[words[0]]
        return _print_json([lever]) if as_json else console().print(page(kind, lever))
    found = _found(kind, known, words, areas)
    if as_json:
        return _print_json(found)
    out = console()
    out.print(listing(kind, found, out.width))
    out.print(f"\n{len(found):,} of {len(known):,} {kind}s")
    return None


def _found(kind: str, known: Mapping[str, Lever], words: Sequence[str], areas: Sequence[str]) -> list[Lever]:
    """Those of the areas in which all the words occur. Raises UsageError where there is none."""
    from merchant_mock.names import named

    there = {lever.area for lever in known.values()}
    for area in areas:
        if area not in there:
            raise UsageError(f"There is no area {area} of {kind}s. There are: {', '.join(sorted(there))}.")
    found = [lever for lever in known.values() if (not areas or lever.area in areas) and _has(lever, words)]
    if not found and len(words) == 1:
        named(known, words, kind)
    if not found:
        raise UsageError(f"No {kind} has all of these words: {' '.join(words)}.")
    return found


def _has(lever: Lever, words: Iterable[str]) -> bool:
    text = " ".join([lever.name, lever.area, lever.says, lever.breaks or "", lever.reading or ""]).lower()
    return all(word.lower() in text for word in words)


def _print_json(levers: Iterable[Lever]) -> None:
    for lever in levers:
        sys.stdout.write(orjson.dumps(lever.to_dict() | {"wire": list(lever.rules)}).decode() + "\n")


def listing(kind: str, levers: Iterable[Lever], width: int) -> RenderableType:
    """The levers as a list that fits a width."""
    if width < NARROW:
        return stacked((each.area, each.name, _told(kind, each)) for each in levers)
    columns = (Column(kind, no_wrap=True, overflow="fold"), "what this shop does", _about(kind))
    return fill(table(*columns), ((each.area, (each.name, each.says, _tie(each))) for each in levers))


def _about(kind: str) -> str:
    return "what it breaks" if kind == "fault" else "reading"


def _told(kind: str, lever: Lever) -> list[str]:
    verb = "breaks" if kind == "fault" else "reading"
    return [lever.says, *([f"{verb} {_tie(lever)}"] if _tie(lever) else [])]


def _tie(lever: Lever) -> str:
    """What a lever is tied to: the requirement that it breaks, or the reading of which it is one side."""
    return lever.breaks or lever.reading or ""


def page(kind: str, lever: Lever) -> Group:
    """All about one lever."""
    return Group(Text(lever.name, "bold"), lever.says, "", facts(_facts(kind, lever)))


def _facts(kind: str, lever: Lever) -> Iterator[tuple[str, str]]:
    from merchant_mock.wire.wording import told

    yield "area", lever.area
    if lever.breaks:
        yield "breaks", f"{lever.breaks}\n(`acp-conformance explain {lever.breaks}` tells what it asks)"
    if lever.disturbs:
        yield "may be seen too", "\n".join(lever.disturbs)
    if lever.reading:
        yield "reading", f"{lever.reading}, of which this is one side"
    yield "on the wire", "\n".join(line for rule in lever.rules for line in told(rule)) or "changed by code"
    yield "serve", f"acp-merchant serve --{kind} {lever.name}"
