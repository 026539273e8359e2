"""What a run came to, for a person at a terminal: counts by area, one line for each finding, and the claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from acp.redaction import redact_text
from conformance.cli.signs import SIGNS, counts
from conformance.visible import visible
from conformance.wire.curl import curl, variables

COLOURS: Final = {
    "conformant": "bold green",
    "conformant-with-warnings": "bold green",
    "incomplete": "bold yellow",
    "non-conformant": "bold red",
    "invalid": "bold magenta",
}
MOST_LISTED: Final = 12
"""Requirements that are listed by id before the rest is counted."""


def summary(run: Mapping[str, Any], file: str) -> Group:
    """The whole of it; `file` is where the run file is."""
    return Group(*_parts(run, file))


def _parts(run: Mapping[str, Any], file: str) -> Iterator[RenderableType]:
    if run["requirements"]:
        yield _areas(run["requirements"])
        yield ""
    records = {record["number"]: record for record in run["exchanges"]}
    for outcome in ("fail", "error", "warn"):
        for judged in run["requirements"]:
            if judged["outcome"] == outcome and "same_as" not in judged:
                yield finding(judged, records, in_full=outcome == "fail")
    yield from _open(run)
    yield from _claim(run, file)
    yield from _baseline(run.get("baseline", {}))


def _areas(requirements: Sequence[Mapping[str, Any]]) -> Table:
    drawn = Table.grid(padding=(0, 2, 0, 0))
    by_area: dict[str, Counter[str]] = {}
    for judged in requirements:
        by_area.setdefault(judged["area"], Counter())[judged["outcome"]] += 1
    for area, counted in by_area.items():
        drawn.add_row(area, counts(counted))
    return drawn


def finding(judged: Mapping[str, Any], records: Mapping[int, Mapping[str, Any]], *, in_full: bool) -> Group:
    """One finding: the line, where the protocol says so, and a command that shows it."""
    sign, colour = SIGNS[judged["outcome"]]
    where = next((result.get("at", "") for result in judged["results"] if result["outcome"] == judged["outcome"]), "")
    lines: list[RenderableType] = [
        Text.assemble((f"{sign} {judged['level']} ", colour), (judged["id"], "bold")),
        _indented(visible(judged["says"]) + (f" [{visible(where)}]" if where else "")),
    ]
    if in_full:
        lines.append(_indented(f"{judged['statement']} ({judged['source']})", "dim"))
        if judged.get("reading"):
            lines.append(
                _indented(f"The sources part: acp-conformance explain {judged['reading'].split(',')[0]}", "dim")
            )
        lines += _command(judged, records)
    return Group(*lines)


def _command(judged: Mapping[str, Any], records: Mapping[int, Mapping[str, Any]]) -> list[RenderableType]:
    telling = (result["seen"] for result in judged["results"] if result["outcome"] == judged["outcome"])
    seen: Sequence[int] = next(telling, [])
    record = next((records[number] for number in reversed(seen) if number in records), None)
    if record is None or record["operation"] == "event":
        return []
    command = curl(record)
    named = variables(command)
    first = [_indented(f"# set {', '.join(named)} first", "dim")] if named else []
    return [*first, _indented(visible(command, lines=True), "cyan")]


def _open(run: Mapping[str, Any]) -> Iterator[RenderableType]:
    """What could not be judged, by what is missing."""
    by_need: dict[str, list[str]] = {}
    for judged in run["requirements"]:
        if judged["outcome"] == "untestable" and "same_as" not in judged:
            needs = next((result["needs"] for result in judged["results"] if "needs" in result), "")
            blocked = next((result["by"] for result in judged["results"] if "by" in result), "")
            why = f"needs {needs}" if needs else f"waits for {blocked}" if blocked else judged["says"]
            by_need.setdefault(why, []).append(judged["id"])
    for why, ids in by_need.items():
        yield Text.assemble(("? ", "cyan"), f"{len(ids)} not judged: {visible(why)}")
    if by_need:
        yield ""


def _claim(run: Mapping[str, Any], file: str) -> Iterator[RenderableType]:
    claim = run["claim"]
    yield Text.assemble((claim["claim"], COLOURS[claim["claim"]]), f"  {run['profile']}, suite {run['suite']}")
    if claim["why"]:
        yield Text(visible(redact_text(claim["why"])))
    if claim["claim"] != "invalid":
        yield Text(
            f"{claim['verified']} of {claim['counted']} MUST verified, {claim['not_applicable']} not applicable, "
            f"{len(claim['not_verified'])} not verified, {len(claim['review'])} for review"
        )
        if claim["unstable"]:
            yield Text(f"unstable: {', '.join(claim['unstable'])}", "bold red")
        listed = claim["not_verified"][:MOST_LISTED]
        if listed:
            rest = len(claim["not_verified"]) - len(listed)
            more = f" and {rest} more" if rest else ""
            yield _indented("not verified: " + ", ".join(listed) + more, "dim")
    yield Text(f"{len(run['exchanges'])} requests, seed {run['seed']}; run file {file}", "dim")


def _baseline(compared: Mapping[str, Any]) -> Iterator[RenderableType]:
    told = {
        "new": ("✗ not on the baseline: ", "bold red"),
        "expired": ("✗ on the baseline, but its date is over: ", "bold red"),
        "stale": ("✗ on the baseline, but not failing any more; take it off: ", "bold red"),
        "excused": ("– known and excused: ", "dim"),
    }
    for name, (says, colour) in told.items():
        if compared.get(name):
            yield Text(says + ", ".join(compared[name]), colour)


def _indented(text: str, style: str = "") -> Padding:
    return Padding(Text(text, style), (0, 0, 0, 4))
