"""The watch shows observations what came, in an order and with a memory that they can rely on."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from conformance.catalogue import catalogue
from conformance.checking.registry import Look, Observation
from conformance.profile import Profile
from conformance.trial.sight import Sight
from conformance.trial.tools import TOOLS
from conformance.verdict.watch import Watch
from conformance.wire.exchange import Answer, Exchange, Sent
from tests.conformance.checks.sessions_seen import SESSION

ID = "checkout.session.body.id-string"
PROFILE = Profile({"version": "2026-04-17", "merchant": {"url": "https://shop.example"}})
_NUMBERS = itertools.count(1)


def came(
    operation: str, document: dict[str, Any] = SESSION, *, asked: Any = None, key: str | None = None, status: int = 200
) -> Exchange:
    key = key or f"key-{next(_NUMBERS)}"
    sent = Sent("POST", "https://shop.example/x", (("Idempotency-Key", key),), json.dumps(asked or {}).encode())
    answer = Answer(status, (), json.dumps(document).encode())
    about = None if operation == "create" else "cs_1"
    return Exchange(
        next(_NUMBERS), operation, "control", sent, datetime(2026, 5, 6, tzinfo=UTC), 0.1, answer, session=about
    )


def called(operation: str, document: dict[str, Any] = SESSION, *, asked: Any = None, key: str = "") -> Exchange:
    """The same over MCP."""
    arguments = {"meta": {"idempotency_key": key or f"key-{next(_NUMBERS)}"}, "payload": asked or {}}
    params = {"name": TOOLS[operation], "arguments": arguments}
    return came(f"mcp.{operation}", {"jsonrpc": "2.0", "id": 1, "result": document}, asked={"params": params})


def watching(*observed: Observation) -> Watch:
    return Watch(observed, catalogue(), PROFILE)


def test_what_is_general_looks_last_whatever_it_looks_at():
    told: list[tuple[str, tuple[str, ...]]] = []

    def general(sight: Sight) -> Iterator[Look]:
        told.append(("general", tuple(sight.explained)))
        yield Look("$")

    def session(sight: Sight) -> Iterator[Look]:
        told.append(("session", tuple(sight.explained)))
        yield Look("$.links", "wrong")

    def order(sight: Sight) -> Iterator[Look]:
        told.append(("order", tuple(sight.explained)))
        yield Look("$.id", "wrong")

    watch = watching(
        Observation("a.general", [ID], "reply", general, general=True),
        Observation("a.order", [ID], "order", order),
        Observation("a.session", [ID], "session", session),
    )
    watch.see(came("complete", {**SESSION, "order": {"id": "o"}}))
    assert told == [("session", ()), ("order", ()), ("general", ("$.links", "$.order.id"))]


def seen_by(*exchanges: Exchange) -> list[Sight]:
    sights: list[Sight] = []

    def look(sight: Sight) -> Iterator[Look]:
        sights.append(sight)
        yield Look("$")

    watch = watching(Observation("a.look", [ID], "session", look))
    for exchange in exchanges:
        watch.see(exchange)
    return sights


def test_a_session_is_known_as_it_was_seen_last():
    later = {**SESSION, "status": "canceled"}
    first, second, third = seen_by(came("create"), came("cancel", later), came("retrieve", later))
    assert (first.before, second.before, third.before) == (None, SESSION, later)


def test_a_session_is_known_under_the_id_it_was_opened_with():
    renamed = {**SESSION, "id": "cs_1-v2"}
    assert seen_by(came("create"), came("update", renamed), came("retrieve"))[-1].before == renamed


def test_what_is_said_again_under_a_key_is_no_news():
    later = {**SESSION, "status": "canceled"}
    replayed = [came("create", key="k"), came("cancel", later), came("create", key="k"), came("retrieve", later)]
    assert seen_by(*replayed)[-1].before == later


def test_all_that_was_asked_of_a_session_is_known():
    one, two, three = {"buyer": {}}, {"order_notes": "n"}, {"buyer": {"email": "e"}}
    sights = seen_by(came("create", asked=one), came("update", asked=two), came("update", asked=three))
    assert [list(sight.given) for sight in sights] == [[one], [one, two], [one, two, three]]


def test_a_session_that_came_over_mcp_is_known_there_as_it_was_seen_last():
    later, asked = {**SESSION, "status": "canceled"}, {"buyer": {}}
    seen = seen_by(called("create", asked=asked), called("update", later), called("retrieve", later))
    assert [sight.before for sight in seen] == [None, SESSION, later]
    assert [sight.exchange.operation for sight in seen] == ["create", "update", "retrieve"]
    assert list(seen[1].given) == [asked, {}]


def test_a_session_is_judged_on_the_road_it_came_by():
    other = {**SESSION, "status": "canceled"}
    over_mcp = seen_by(called("create"), came("retrieve", other), called("retrieve"))
    over_rest = seen_by(came("create"), called("retrieve", other), came("retrieve"))
    assert [sight.before for sight in (*over_mcp, *over_rest)] == [None, SESSION, None, SESSION]


def test_what_is_said_again_over_the_other_road_is_no_news():
    later = {**SESSION, "status": "canceled"}
    seen = seen_by(came("create", key="k"), came("cancel", later), called("create", key="k"), came("retrieve", later))
    assert seen[-1].before == later
