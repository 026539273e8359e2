"""The full campaign: `make chaos`, or `python -m tests.chaos --help`."""

from __future__ import annotations

import asyncio
import secrets
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from acp.server import CrashPoint
from tests.chaos import report
from tests.chaos.campaign import Campaign, Progress, Result, run
from tests.chaos.scenarios import SCENARIOS

SAY_SECONDS = 5.0
"""How often progress is told."""

WEATHER_SHARE = 10
"""In a scenario other than calm there is one kill for so many of the calm one: its troubles come from elsewhere."""

WEATHER_PURCHASES = 500

WIDTH = 110
"""Columns that the table of all campaigns takes, whatever the terminal has."""

EPILOG = """Try:
  python -m tests.chaos --kills 5 --random 20
  python -m tests.chaos --scenario calm --point "after PSP" --kills 200 --random 0
  CHAOS_SEED=7 python -m tests.chaos --scenario clock

Exit codes:
    0  every purchase ended with one order and one charge or none of both, and all else held
    1  something did not hold; it is printed with its seed
"""

app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)


@app.command(epilog=EPILOG)
def chaos(
    kills: Annotated[int, typer.Option(metavar="N", help="Kills at each named point.", min=0)] = 100,
    random: Annotated[int, typer.Option(metavar="N", help="Kills at random times.", min=0)] = 500,
    point: Annotated[
        list[CrashPoint] | None,
        typer.Option(metavar="POINT", help=f"One of {', '.join(CrashPoint)}; may be given again.", show_default="all"),
    ] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help=f"One of {', '.join(SCENARIOS)}; may be given again.", show_default="all"),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", envvar="CHAOS_SEED", help="Repeat a campaign.", show_default="a new one")
    ] = None,
) -> None:
    """Kill a shop again and again while agents buy, in fair weather and foul, and compare the books."""
    names = scenario or list(SCENARIOS)
    if unknown := set(names) - set(SCENARIOS):
        raise typer.BadParameter(f"There is no scenario {', '.join(unknown)}. There are: {', '.join(SCENARIOS)}.")
    seed = secrets.randbelow(10**6) if seed is None else seed
    console, results, points = Console(width=WIDTH), {}, tuple(point or CrashPoint)
    console.print(f"seed {seed}")
    for name in names:
        console.print(f"{name}: {SCENARIOS[name].about}")
        share, purchases = (1, 0) if name == "calm" else (WEATHER_SHARE, WEATHER_PURCHASES)
        campaign = Campaign(seed, -(-kills // share), -(-random // share), points, SCENARIOS[name], purchases)
        results[name] = carry_out(name, campaign, console)
    console.print(report.table(results))
    wrong = [text for name, result in results.items() if (text := report.told(name, result))]
    console.print("\n\n".join(wrong) or "Every check held.", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(bool(wrong))


def carry_out(name: str, campaign: Campaign, console: Console) -> Result:
    """Run one campaign in a folder of its own, and say how it goes."""
    last = time.monotonic()

    def say(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last > SAY_SECONDS:
            last = time.monotonic()
            console.print(report.line(name, progress), soft_wrap=True, highlight=False)

    with TemporaryDirectory(prefix="chaos-") as folder:
        return asyncio.run(run(campaign, Path(folder), say))


if __name__ == "__main__":
    app(prog_name="python -m tests.chaos")
