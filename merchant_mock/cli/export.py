"""`acp-merchant export`: a session of a recording as a pytest test."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from acp.errors import UsageError


def export(
    recording: Annotated[
        Path, typer.Argument(metavar="FILE|DIR", help="A recording, or a folder whose last one is taken.")
    ],
    session: Annotated[str | None, typer.Option(metavar="ID", help="The checkout session.")] = None,
    order: Annotated[str | None, typer.Option(metavar="ID", help="The order that the session ended in.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the test goes.", show_default="standard output")
    ] = None,
) -> None:
    """Write a recorded session as a test that uses the fixture acp_merchant."""
    from merchant_mock.recording.export import exported, session_of
    from merchant_mock.recording.tape import newest, read

    if (session is None) == (order is None):
        raise UsageError("Name what to export: either --session or --order.")
    tape = read(newest(recording))
    text = exported(tape, session if session is not None else session_of(tape, order or ""))
    if out is None:
        sys.stdout.write(text)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{out} is there already; name another file.") from None
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}.") from error
    typer.echo(f"{out} is written; pytest {out} runs it.")
