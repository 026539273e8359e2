"""`acp-merchant scenarios`: the awkward cases on demand, and what to send for each."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated

import orjson
import typer
from rich.table import Column, Table

from acp.errors import UsageError
from merchant_mock.cli.tables import console, fill, table
from merchant_mock.scenarios.scenario import SCENARIOS, Scenario


def scenarios(
    word: Annotated[
        str | None, typer.Argument(metavar="WORD", help="Only those that have this word, name or value.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One scenario a line, with what a caller sees.")] = False,
) -> None:
    """List the scenarios: their names for the header ACP-Mock-Scenario, what else brings each about, what happens."""
    found = [scenario for scenario in SCENARIOS.values() if word is None or _has(scenario, word)]
    if not found:
        raise UsageError(f"No scenario has the word {word}; `acp-merchant scenarios` lists them all.")
    if as_json:
        for scenario in found:
            sys.stdout.write(orjson.dumps(scenario.to_dict()).decode() + "\n")
        return
    console().print(_table(found))


def _has(scenario: Scenario, word: str) -> bool:
    told = (scenario.name, scenario.area, scenario.says, *(value for _, value in scenario.sends.values()))
    return any(word.lower() in text.lower() for text in told)


def _table(found: Iterable[Scenario]) -> Table:
    columns = (Column("scenario", no_wrap=True), "what happens", "what brings it about")
    rows = ((each.area, (each.name, each.says.replace("`", ""), _sends(each))) for each in found)
    return fill(table(*columns), rows)


def _sends(scenario: Scenario) -> str:
    return ", ".join(f"{kind} {value}" for kind, value in scenario.sends.values())
