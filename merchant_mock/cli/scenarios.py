"""`acp-merchant scenarios`: the awkward cases on demand, what to send for each, and what a caller sees of one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Annotated

import orjson
import typer
from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from acp.errors import UsageError
from merchant_mock.cli.names import complete_scenarios, sought
from merchant_mock.cli.tables import NARROW, console, facts, fill, stacked, table
from merchant_mock.names import named
from merchant_mock.scenarios.scenario import HEADER, SCENARIOS, Scenario
from merchant_mock.scenarios.wording import seen


def scenarios(
    words: Annotated[list[str] | None, sought(complete_scenarios, "words or values")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One scenario a line, with what a caller sees.")] = False,
) -> None:
    """List the scenarios and the values that bring each about, or explain one."""
    found = _found(words or [])
    if as_json:
        for scenario in found:
            sys.stdout.write(orjson.dumps(scenario.to_dict()).decode() + "\n")
        return None
    out = console()
    if words == [found[0].name]:
        return out.print(page(found[0]))
    out.print(listing(found, out.width))
    out.print(f"\n{len(found)} of {len(SCENARIOS)} scenarios")


def _found(words: list[str]) -> list[Scenario]:
    """The one of that name, or those in which all the words occur. Raises UsageError where there is none."""
    if len(words) == 1 and words[0] in SCENARIOS:
        return [SCENARIOS[words[0]]]
    found = [scenario for scenario in SCENARIOS.values() if all(_has(scenario, word) for word in words)]
    if not found and len(words) == 1:
        named(SCENARIOS, words, "scenario")
    if not found:
        raise UsageError(f"No scenario has all of these words: {' '.join(words)}.")
    return found


def _has(scenario: Scenario, word: str) -> bool:
    told = (scenario.name, scenario.area, scenario.says, *(value for _, value in scenario.sends.values()))
    return any(word.lower() in text.lower() for text in told)


def listing(found: Iterable[Scenario], width: int) -> RenderableType:
    """The scenarios as a list that fits a width."""
    if width < NARROW:
        return stacked((each.area, each.name, [_says(each), *_sends(each)]) for each in found)
    columns = (Column("scenario", no_wrap=True), "what happens", Column("what brings it about", overflow="fold"))
    return fill(table(*columns), ((each.area, (each.name, _says(each), ", ".join(_sends(each)))) for each in found))


def _says(scenario: Scenario) -> str:
    return scenario.says.replace("`", "")


def _sends(scenario: Scenario) -> list[str]:
    return [f"{kind} {value}" for kind, value in scenario.sends.values()]


def page(scenario: Scenario) -> Group:
    """All about one scenario."""
    return Group(Text(scenario.name, "bold"), _says(scenario), "", facts(_facts(scenario)))


def _facts(scenario: Scenario) -> Iterator[tuple[str, str]]:
    yield "area", scenario.area
    yield "what brings it about", "\n".join([*_sends(scenario), f"header {HEADER}: {scenario.name}"])
    yield "what a caller sees", "\n".join(seen(scenario)).replace("`", "")
    yield "every session", f"acp-merchant serve --scenario {scenario.name}"
