"""The options that say how a run goes: what it judges, what it may send, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

Area = Annotated[list[str] | None, typer.Option(help="Only this area: session, webhook, …")]
Level = Annotated[list[str] | None, typer.Option(help="Only this level: MUST, SHOULD, …")]
Only = Annotated[list[str] | None, typer.Option("--id", metavar="ID", help="Only this requirement.")]
ReadOnly = Annotated[bool, typer.Option("--read-only", help="Open no session and mint no token.")]
NoComplete = Annotated[bool, typer.Option("--no-complete", help="Buy nothing.")]
Budget = Annotated[int, typer.Option(metavar="N", min=1, help="Send at most so many requests.")]
Rate = Annotated[float | None, typer.Option(metavar="N", help="Send at most so many requests a second.")]
Timeout = Annotated[float, typer.Option(metavar="SECONDS", min=0.1, help="Wait so long for an answer.")]
Seed = Annotated[
    int | None, typer.Option(metavar="N", help="Repeat the requests of a run with this seed.", show_default="random")
]
Repeat = Annotated[int, typer.Option(metavar="N", min=1, help="Make every check so often.")]
Baseline = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Failures that are known and excused.", show_default=False)
]

_WRITES: Final = ("create", "update", "complete", "cancel", "delegate")


def forbidden(read_only: bool, no_complete: bool) -> Mapping[str, str]:
    """The operations that are not to be sent, each with the option that says so."""
    written = dict.fromkeys(_WRITES, "--read-only") if read_only else {}
    return {**({"complete": "--no-complete"} if no_complete else {}), **written}
