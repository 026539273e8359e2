"""`acp-conformance report`: what came of a run, for those who were not there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.requirements import among
from conformance.cli.screen import console, write
from conformance.reports.formats import FORMATS

_FORMATS = f"As what: {', '.join(FORMATS)}. It can be given several times."


def report(
    runfile: Annotated[Path, typer.Argument(metavar="RUNFILE", help="What `run` has written.", show_default=False)],
    format: Annotated[
        list[str] | None,
        typer.Option("--format", "-f", metavar="NAME", help=_FORMATS, show_default="html"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where it goes.", show_default="beside the run file"),
    ] = None,
) -> None:
    """Make a page, a CI result, a summary, an archive or a badge of a run file. Nothing is judged again."""
    from conformance.verdict.runfile import read

    names = among(list(FORMATS), format, "--format") or ["html"]
    if output and len(names) > 1:
        raise typer.BadParameter(
            "it names one file; without it several formats go beside the run file.", param_hint="'--output'"
        )
    run = read(runfile)
    for name in names:
        made = FORMATS[name]
        file = output or runfile.with_suffix(made.suffix)
        write(file, made.text(run))
        console().print(str(file), markup=False, soft_wrap=True)
