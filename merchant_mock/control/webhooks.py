"""Order events: what became of each, sending them again, and what is to be done to the next ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from acp.errors import InvalidRequest, NotFound
from acp.redaction import redact
from acp.server.store import EventState, KeptEvent
from merchant_mock import due
from merchant_mock.control.route import Call, Route
from merchant_mock.postbag import ALL, Handling, Instruction

HANDLINGS = (
    (Handling.DELAY, "Hold the next order events back for so many seconds of the shop's clock.", "Delay"),
    (Handling.DUPLICATE, "Send the next order events several times.", "Duplication"),
    (Handling.REORDER, "Let the next order events give way each to the one after it.", "Reordering"),
    (Handling.CORRUPT, "Spoil the next order events: signature, no_signature, body, old or truncated.", "Corruption"),
)


async def several(call: Call) -> dict[str, Any]:
    """List order events."""
    state = EventState(call.query["state"]) if "state" in call.query else None
    found = [event for event in _all(call, state) if call.query.get("order") in (None, event.order_id)]
    return {"webhooks": [_event(event) for event in found], **_handled(call)}


async def one(call: Call) -> dict[str, Any]:
    """Tell one order event, with what is sent."""
    id = call.params["id"]
    number = int(id) if id.isascii() and id.isdigit() and len(id) < 10 else 0
    found = next(
        (event for event in call.house.store.events.kept(after=number - 1, most=1) if event.id == number), None
    )
    body = call.house.store.events.body(number)
    if found is None or body is None:
        raise NotFound("There is no such order event.")
    return _event(found) | {"event": redact(orjson.loads(body))}


async def redeliver(call: Call) -> dict[str, Any]:
    """Send order events again, whether they were delivered or given up."""
    house, ids = call.house, call.body.get("ids")
    over = {event.id for event in _all(call) if event.state is not EventState.PENDING}
    if strangers := sorted(set(ids or ()) - over):
        raise InvalidRequest(f"Event {strangers[0]} is none that was delivered or given up.", param="$.ids")
    sent = await house.store.events.redeliver(house.clock(), ids, delivered=True)
    await due.deliver(house)
    return {"redelivered": sent}


def handling_by(handling: Handling) -> Callable[[Call], Awaitable[dict[str, Any]]]:
    """What has something done to the next order events."""

    async def handle(call: Call) -> dict[str, Any]:
        count, postbag = call.body.get("count", 1), call.house.postbag
        terms = {name: value for name, value in call.body.items() if name != "count"}
        postbag.set(handling, Instruction(ALL if count == "all" else count, **terms))
        if handling is Handling.REORDER and not count:
            await postbag.release()
        return _handled(call)

    return handle


def _all(call: Call, state: EventState | None = None) -> list[KeptEvent]:
    after, found = 0, list[KeptEvent]()
    while page := call.house.store.events.kept(state, after):
        found += page
        after = page[-1].id
    return found


def _handled(call: Call) -> dict[str, Any]:
    postbag = call.house.postbag
    return {
        "handling": {name.value: _instruction(name, each) for name, each in postbag.instructions.items()},
        "kept_back": [parcel.event_id for parcel, _ in postbag.kept_back],
    }


def _instruction(handling: Handling, instruction: Instruction) -> dict[str, Any]:
    told: dict[str, Any] = {"count": "all" if instruction.count == ALL else instruction.count}
    match handling:
        case Handling.DELAY:
            told["seconds"] = instruction.seconds
        case Handling.DUPLICATE:
            told["times"] = instruction.times
        case Handling.CORRUPT:
            told["what"] = instruction.what
    return told


def _event(event: KeptEvent) -> dict[str, Any]:
    moments = {"tried_at": event.tried_at, "delivered_at": event.delivered_at, "next_at": event.next_at}
    told = {
        "id": event.id,
        "order_id": event.order_id,
        "state": event.state,
        "attempts": event.attempts,
        "said": event.said,
        "waits_for": event.waits_for,
    }
    told |= {name: moment.isoformat() for name, moment in moments.items() if moment}
    return {name: value for name, value in told.items() if value is not None}


ROUTES = [
    Route(
        "GET",
        "/webhooks",
        "Order events, what became of each, and what is to be done to the next ones.",
        several,
        "Webhooks",
        asks="WebhooksQuery",
    ),
    Route("GET", "/webhooks/{id}", "One order event with its body.", one, "Webhook"),
    Route(
        "POST",
        "/webhooks/redeliver",
        "Send order events again, also delivered ones: those of `ids`, or all.",
        redeliver,
        "Redelivered",
        "Redelivery",
    ),
    *(
        Route("POST", f"/webhooks/{how}", says, handling_by(how), "Handled", accepts)
        for how, says, accepts in HANDLINGS
    ),
]
