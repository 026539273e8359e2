"""`acp-merchant scenarios`: the awkward cases on demand, and what to send for each."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Column, Table

from acp.errors import UsageError
from merchant_mock.scenarios.scenario import SCENARIOS, Scenario

FILE_WIDTH = 160
"""Columns of the table where there is no terminal to fit it to."""


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
    Console(width=None if sys.stdout.isatty() else FILE_WIDTH).print(_table(found), markup=False)


def _has(scenario: Scenario, word: str) -> bool:
    told = (scenario.name, scenario.area, scenario.says, *(value for _, value in scenario.sends.values()))
    return any(word.lower() in text.lower() for text in told)


def _table(found: Iterable[Scenario]) -> Table:
    columns = (Column("scenario", no_wrap=True), "what happens", "what brings it about")
    table = Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    area = ""
    for scenario in found:
        if scenario.area != area:
            area = scenario.area
            table.add_row("")
            table.add_row(area, style="bold")
        table.add_row(f"  {scenario.name}", scenario.says.replace("`", ""), _sends(scenario))
    return table


def _sends(scenario: Scenario) -> str:
    return ", ".join(f"{kind} {value}" for kind, value in scenario.sends.values())
