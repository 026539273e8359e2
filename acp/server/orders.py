"""Orders after the purchase: a change is kept, shown by the session and told to the agent, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

import schemas
from acp.errors import BackendMistake, NotFound
from acp.model import Model
from acp.server.deployment import Deployment
from acp.server.plain import plain_object
from acp.server.store import KeptOrder

Change = Callable[[Mapping[str, Any]], "Model | Mapping[str, Any]"]
"""From an order to a new one, as the functions of `acp.orders`: quick, without I/O, and the same when asked again."""


class Orders:
    """The orders of one merchant, for the shop's own hands: no endpoint of the protocol leads here."""

    def __init__(self, deployment: Deployment) -> None:
        self._store = deployment.store
        self._clock = deployment.clock

    def find(self, order_id: str, owner: str | None = None) -> KeptOrder | None:
        """An order as it stands, with its owner and session; None when there is none, or none of `owner` if named."""
        return self._store.orders.find(order_id, owner)

    async def change(self, order_id: str, change: Change, owner: str | None = None) -> dict[str, Any]:
        """Change an order and return it; its agent gets an `order_update` with all of it, in the order of the changes.

        A retrieved session shows the order as it is now; a replayed answer stays what it was. Changes at once happen
        one after the other. One that leaves the order as it was tells nobody. Raises NotFound, what `change` raises
        (such as OrderChangeRefused) and BackendMistake for what is no valid order; then nothing is changed.
        """
        now = self._clock()
        kept = await self._store.orders.change(order_id, owner, lambda order: _changed(order, change, now), now)
        if kept is None:
            raise NotFound("There is no such order.")
        return kept.document


def _changed(kept: KeptOrder, change: Change, now: datetime) -> tuple[KeptOrder, bytes] | None:
    event = _event(kept, _made(change, orjson.loads(orjson.dumps(kept.document))))
    document = orjson.loads(event)["data"]
    if document == kept.document:
        return None
    session = kept.session | {"order": document, "updated_at": now.isoformat()}
    return KeptOrder(document, kept.owner, session), event


def _made(change: Change, order: dict[str, Any]) -> Any:
    """What a change makes of an order. The store's thread lives on whatever it raises, and its caller is told."""
    try:
        return change(order)
    except StopIteration as end:  # which no future can carry
        raise BackendMistake("A change raised StopIteration; give `next` a default.") from end
    except BaseException as stop:  # a `sys.exit()` in a change must not end the thread of everybody's writes
        if isinstance(stop, Exception):
            raise
        raise BackendMistake(f"A change raised {type(stop).__name__}; raise an Exception to refuse.") from stop


def _event(kept: KeptOrder, made: Any) -> bytes:
    """The event that tells of a changed order. Raises BackendMistake for one that cannot be told."""
    document = {"type": "order", **plain_object(made)}
    for member in ("id", "checkout_session_id"):
        if document.get(member) != kept.document[member]:
            raise BackendMistake(
                f"A change must leave {member} {kept.document[member]!r}, not {document.get(member)!r}."
            )
    try:
        event = orjson.dumps({"type": "order_update", "data": document})
    except TypeError as error:
        raise BackendMistake(f"A change returned an order that JSON cannot tell: {error}.") from error
    for problem in schemas.validator("webhook", "EventDataOrder").problems(orjson.loads(event)["data"]):
        raise BackendMistake(f"A change returned an order that is not valid at {problem.path}: {problem.message}")
    return event
