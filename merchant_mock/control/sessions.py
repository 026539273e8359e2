"""Checkout sessions as the shop keeps them: listed, seen with what is stored of them, expired, settled."""

from __future__ import annotations

import asyncio
from typing import Any

from acp.errors import InvalidRequest, NotFound, ProtocolError
from acp.lifecycle import OPEN
from acp.redaction import redact
from acp.server.store import Session, Stale
from merchant_mock.app import OWNER
from merchant_mock.behaviours import row_of_page
from merchant_mock.clearances import Clearance
from merchant_mock.control.route import Call, Route

LIMIT = 100
TRIES = 5
"""How often it is tried to change a session that others change meanwhile."""


class NotOpen(ProtocolError):
    """The session is over, or is being paid."""

    default_status = 409
    default_code = "session_not_open"


async def several(call: Call) -> dict[str, Any]:
    """List sessions."""
    house, wanted = call.house, call.query.get("status")
    limit, after = int(call.query.get("limit", LIMIT)), int(call.query.get("after", 0))
    told: list[dict[str, Any]] = []
    while len(told) < limit and (page := house.store.sessions(None, house.clock(), after)):
        told += [_line(number, each) for number, each in page if wanted in (None, each.status)]
        after = page[-1][0]
    return {"sessions": told[:limit]}


async def one(call: Call) -> dict[str, Any]:
    """Tell everything about a session."""
    return await _whole(call, _found(call))


async def expire(call: Call) -> dict[str, Any]:
    """Let a session's time be over."""
    for _ in range(TRIES):
        session, now = _open(call), call.house.clock()
        document = session.document | {"expires_at": now.isoformat(), "updated_at": now.isoformat()}
        try:
            await call.house.store.save(session._replace(expires_at=now, document=document))
        except Stale:
            continue
        return await _whole(call, _found(call))
    raise _contended()


async def settle(call: Call) -> dict[str, Any]:
    """Do outside the protocol what a session waits for."""
    session, house = _open(call), call.house
    waits, wanted = await _waits_for(call, session), call.body.get("what")
    if wanted is not None and wanted not in waits:
        raise InvalidRequest(
            f"The session does not wait for that, but for: {', '.join(waits) or 'nothing'}.", param="$.what"
        )
    for each in [wanted] if wanted else waits:
        await asyncio.to_thread(house.shop.settle, session.id, Clearance(each))
    await house.role.sessions.refresh(session.id, session.owner)
    return await _whole(call, _found(call))


def _found(call: Call) -> Session:
    """The session of the path, whichever agent's it is."""
    store, now = call.house.store, call.house.clock()
    for owner in (OWNER, *call.tenant.terms.agents.values()):
        if session := store.session(call.params["id"], owner, now):
            return session
    raise NotFound("There is no such checkout session.")


def _open(call: Call) -> Session:
    session = _found(call)
    if session.status not in OPEN:
        raise NotOpen(f"The checkout session is {session.status}.")
    return session


async def _waits_for(call: Call, session: Session) -> list[str]:
    """What has to be settled for a session on the shop's pages and has not been."""
    if session.status not in OPEN:
        return []
    settled = call.house.shop.settled(session.id)
    rows = [row_of_page(page) for page in await call.house.shop.pages_of(session.document)]
    return [row["until"] for row in rows if row is not None and row["until"] not in settled]


def _line(number: int, session: Session) -> dict[str, Any]:
    document = session.document
    total = next((entry["amount"] for entry in document["totals"] if entry["type"] == "total"), 0)
    return {
        "number": number,
        "id": session.id,
        "status": session.status,
        "currency": document["currency"],
        "total": total,
        "expires_at": session.expires_at.isoformat(),
    }


async def _whole(call: Call, session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "status": session.status,
        "revision": session.revision,
        "attempts": session.attempts,
        "expires_at": session.expires_at.isoformat(),
        "waits_for": await _waits_for(call, session),
        "asked": redact(session.asked),
        "document": redact(session.document),
    }


def _contended() -> ProtocolError:
    return ProtocolError("The session is being changed by others; try again.", status=409, code="contended")


ROUTES = [
    Route("GET", "/sessions", "Checkout sessions, oldest first.", several, "Sessions", asks="SessionsQuery"),
    Route("GET", "/sessions/{id}", "One session as it is stored, with what was asked.", one, "StoredSession"),
    Route("POST", "/sessions/{id}/expire", "Let an open session's time be over now.", expire, "StoredSession"),
    Route(
        "POST",
        "/sessions/{id}/settle",
        "Do outside the protocol what a session waits for: all of it, or `what`.",
        settle,
        "StoredSession",
        "Settlement",
    ),
]
