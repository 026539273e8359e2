"""`acp-merchant backup`: a copy of the database, made while the shop is open."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

QUIET_SECONDS = 1.0
"""How long nothing is said of the progress, and how long after each time."""


class _Teller:
    """Says on standard error how far a copy has come that takes longer than a moment."""

    def __init__(self) -> None:
        self._said = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._said >= QUIET_SECONDS:
            self._said = time.monotonic()
            typer.echo(f"{100 * done // total} % copied", err=True)


def backup(
    copy: Annotated[Path, typer.Argument(metavar="COPY", help="New file for the copy; nothing is ever replaced.")],
    db: Annotated[Path, typer.Option("--db", metavar="FILE", help="SQLite file of the shop, open or not.")],
    as_json: Annotated[bool, typer.Option("--json", help="Say what was copied as one line of JSON.")] = False,
) -> None:
    """Copy the shop's database as it is now, check the copy, and only then give it its name."""
    from acp.server.store.backup import backup as copied

    size = copied(db, copy, _Teller())
    if as_json:
        typer.echo(json.dumps({"copy": str(copy), "bytes": size}))
        return
    typer.echo(f"Copied {db} to {copy}, {size:,} bytes, and found it whole.")
    key = db.with_name(f"{db.name}.key")
    if key.exists():
        typer.echo(f"Keep {key} with it; repeated requests are recognised by that key.")
