"""`acp-merchant events`: what became of the shop's order events, and sending dead letters again."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.table import Column

from acp.errors import UsageError
from merchant_mock.cli.tables import console, stacked, table

if TYPE_CHECKING:
    from acp.server.store import KeptEvent, Store


WIDE = 120
"""From this many columns an event has a line, with the whole id of its order."""


def events(
    db: Annotated[Path, typer.Option("--db", metavar="FILE", help="SQLite file of the shop, open or not.")],
    dead: Annotated[bool, typer.Option("--dead", help="Only what was given up.")] = False,
    redeliver: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Send this dead letter again, or `all`; may be given several times."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One event a line, as JSON.")] = False,
) -> None:
    """List order events: delivered, pending, or given up and kept as dead letters; or send dead letters again."""
    from acp.server.store import Store

    if not db.exists():
        raise UsageError(f"There is no database {db}.")
    with closing(Store(db)) as store:
        if redeliver:
            _tell_revived(asyncio.run(_revive(store, redeliver)), as_json)
        else:
            _list(_all(store, dead), as_json)


async def _revive(store: Store, asked: list[str]) -> list[int]:
    """Make dead letters due. Raises UsageError, before anything is changed, for what is none."""
    now = datetime.now(UTC)
    if asked == ["all"]:
        return await store.events.redeliver(now)
    known = {str(event.id) for event in _all(store, dead=True)}
    for id in asked:
        if id not in known:
            raise UsageError(f"Event {id} is no dead letter; `acp-merchant events --dead` lists them.")
    return await store.events.redeliver(now, map(int, asked))


def _all(store: Store, dead: bool) -> Iterator[KeptEvent]:
    from acp.server.store import EventState

    after = 0
    while page := store.events.kept(EventState.DEAD if dead else None, after):
        yield from page
        after = page[-1].id


def _tell_revived(ids: list[int], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"redelivered": ids}))
    else:
        number = f"{len(ids)} dead letter{'' if len(ids) == 1 else 's'}"
        typer.echo(f"{number} will be sent again by the shop that has this database open.")


def _list(found: Iterator[KeptEvent], as_json: bool) -> None:
    if as_json:
        for event in found:
            sys.stdout.write(json.dumps(asdict(event), default=datetime.isoformat) + "\n")
        return
    out = console()
    kept = list(found)
    out.print(listing(kept, out.width) if kept else "There are no such order events.")


def listing(found: Iterable[KeptEvent], width: int) -> RenderableType:
    """The events as a list that fits a width."""
    if width < WIDE:
        return stacked((each.order_id, f"{each.id} {each.state.value}", _told(each)) for each in found)
    drawn = table(
        Column("id", justify="right"),
        Column("order", no_wrap=True, overflow="ellipsis"),
        "state",
        Column("attempts", justify="right"),
        "last attempt",
        "what came of it",
        "next",
    )
    for event in found:
        drawn.add_row(
            str(event.id), event.order_id, event.state.value, str(event.attempts),
            _when(event.tried_at), event.said or "", _next(event),
        )  # fmt: skip
    return drawn


def _told(event: KeptEvent) -> list[str]:
    attempts = f"{event.attempts} attempt{'' if event.attempts == 1 else 's'}"
    tried = [f"last {_when(event.tried_at)}"] if event.tried_at else []
    coming = [f"next {_next(event)}"] if _next(event) else []
    return [", ".join([attempts, *tried, *coming]), *([event.said] if event.said else [])]


def _next(event: KeptEvent) -> str:
    return f"after event {event.waits_for}" if event.waits_for else _when(event.next_at)


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""
