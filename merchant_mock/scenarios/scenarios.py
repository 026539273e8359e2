"""The scenarios of one shop: matched by header, by value and shop-wide, and played on the way of each request.

A scenario named by the header of a request holds for that request, and stays with the session that it opens; what it
does to a reply does not stay. A value brings its scenario about as long as the session has it. One that has begun at
its moment stays with its session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from acp import headers
from acp.errors import ServerFault, UsageError
from acp.lifecycle import Status
from merchant_mock.scenarios.acting import Acting
from merchant_mock.scenarios.memory import Fact, Memory
from merchant_mock.scenarios.scenario import HEADER, SCENARIOS, Scenario, scenarios
from merchant_mock.scenarios.telling import Telling, telling, told
from merchant_mock.scenarios.values import Values
from merchant_mock.wire.exchange import Asked, Go, Reply, Trick, chained, refusal
from merchant_mock.wire.rules import replied_by

MOMENTS = ("create", "update", "complete")
"""The calls with which a scenario can begin, in the order of a purchase."""

FindSession = Callable[[str], Mapping[str, Any] | None]


class Scenarios:
    """The scenarios of one shop: `find` gives a session as the protocol shows it, `shop_wide` are for every session."""

    def __init__(self, path: str | Path, find: FindSession, shop_wide: Iterable[Scenario] = ()) -> None:
        self._memory = Memory(path)
        self._find = find
        self.set(shop_wide)

    def set(self, shop_wide: Iterable[Scenario]) -> None:
        """Have these hold for the whole shop from now on, and no others."""
        self.shop_wide = tuple(shop_wide)

    async def acting(self, session_id: str, values: Values) -> Acting:
        """What acts on a session that has these values, in the call under way; what begins with it is remembered."""
        now, begun = told(), self._memory.of(session_id, Fact.BEGUN)
        named = [*now.by_header, *map(SCENARIOS.__getitem__, self._memory.of(session_id, Fact.KEPT))]
        cart, by_item = _once([*named, *values.cart(), *self.shop_wide]), values.goods()
        begins = [
            each for each in [*cart, *by_item.values()] if each.name not in begun and _begins(each, now.operation)
        ]
        if begins:
            await asyncio.to_thread(self._begin, session_id, begins, named)
        holding = {*begun, *(each.name for each in begins)}
        holds = partial(_holds, begun=holding)
        return Acting(list(filter(holds, cart)), {item: each for item, each in by_item.items() if holds(each)})

    def tricks(self, asked: Asked) -> list[Trick]:
        """What plays the scenarios of a request; none for a request that can have none."""
        may_have = asked.operation in MOMENTS or _named_by(asked) is not None or self.shop_wide
        return [self._play] if asked.operation is not None and may_have else []

    def close(self) -> None:
        """Close the file."""
        self._memory.close()

    async def _play(self, asked: Asked, go: Go) -> Reply:
        names = _named_by(asked)
        try:
            by_header = [] if names is None else _once(scenarios(names))
        except UsageError as error:
            return refusal(400, "invalid_request", "unknown_scenario", str(error))
        go = chained(self._tricks(asked, by_header), partial(self._ask, by_header, go))
        return await go(asked.with_header(HEADER, None))

    async def _ask(self, by_header: Sequence[Scenario], go: Go, asked: Asked) -> Reply:
        """Ask the shop, say which scenarios hold meanwhile, and keep those that stay with the session."""
        with telling(Telling(asked.operation, by_header, self.shop_wide)):
            reply = await go(asked)
        session_id = _stays_with(asked, reply)
        if session_id is not None and by_header:
            await asyncio.to_thread(self._memory.note, session_id, Fact.KEPT, *(each.name for each in by_header))
        return reply

    def _begin(self, session_id: str, begins: Sequence[Scenario], named: Sequence[Scenario]) -> None:
        self._memory.note(session_id, Fact.BEGUN, *(each.name for each in begins))
        self._memory.note(session_id, Fact.KEPT, *(each.name for each in begins if each in named))

    def _tricks(self, asked: Asked, by_header: Sequence[Scenario]) -> list[Trick]:
        """What becomes of the reply: as the header says whatever the call, as values say at their own calls."""
        key = asked.header(headers.IDEMPOTENCY_KEY)
        asking = f"{asked.operation} {key or asked.session_id or asked.path}"
        whole = f"{asked.operation} {asked.session_id or key}"
        by_value = _once([*self._values(asked).cart(), *self.shop_wide])
        here = [each for each in by_value if each not in by_header and asked.operation in _calls(each)]
        return [
            *(partial(self._trick, each, asking) for each in by_header if each.wire),
            *(partial(self._trick, each, whole) for each in here),
        ]

    async def _trick(self, scenario: Scenario, subject: str, asked: Asked, go: Go) -> Reply:
        wire = scenario.wire or {}
        reply = _unasked(asked) if wire.get("unasked") else await go(asked)
        if reply.status < 400 and (not wire.get("once") or await self._first(subject, scenario)):
            return replied_by(wire["reply"], reply)
        return await go(asked) if wire.get("unasked") else reply

    async def _first(self, subject: str, scenario: Scenario) -> bool:
        return await asyncio.to_thread(self._memory.note, subject, Fact.PLAYED, scenario.name)

    def _values(self, asked: Asked) -> Values:
        """What a request says, and else its session; where the file cannot be read the shop itself says so."""
        said = Values.of_body(asked.document)
        if asked.session_id is None:
            return said
        try:
            session = self._find(asked.session_id)
        except ServerFault:
            return Values()
        return said.beside(Values.of_session(session)) if session is not None else Values()


def _named_by(asked: Asked) -> list[str] | None:
    """The names in the header, however often it came; None without it."""
    sent = [value for name, value in asked.headers if name == HEADER.lower()]
    return [name.strip() for value in sent for name in value.split(",")] if sent else None


def _begins(scenario: Scenario, operation: str | None) -> bool:
    later = scenario.since is not None and operation in MOMENTS
    return later and MOMENTS.index(operation or "") >= MOMENTS.index(scenario.since or "")


def _holds(scenario: Scenario, begun: set[str]) -> bool:
    return scenario.since is None or scenario.name in begun


def _calls(scenario: Scenario) -> Sequence[str]:
    return scenario.wire["on"] if scenario.wire else ()


def _once(several: Iterable[Scenario]) -> list[Scenario]:
    return list({scenario.name: scenario for scenario in several}.values())


def _stays_with(asked: Asked, reply: Reply) -> str | None:
    """The session that a request has just opened, or has begun to pay so that it is settled after the request."""
    document = reply.document if reply.status < 300 and isinstance(reply.document, Mapping) else {}
    if asked.operation == "create" and reply.header(headers.IDEMPOTENT_REPLAYED) is None:
        return document.get("id")
    paying = asked.operation == "complete" and document.get("status") == Status.COMPLETE_IN_PROGRESS
    return asked.session_id if paying else None


def _unasked(asked: Asked) -> Reply:
    """A reply that the shop did not give; it echoes what the protocol has echoed."""
    sent = {name: asked.header(name) for name in (headers.REQUEST_ID, headers.IDEMPOTENCY_KEY)}
    made = Reply(200, (("content-type", headers.JSON), ("content-length", "0")))
    for name, value in sent.items():
        made = made.with_header(name, value)
    return made
