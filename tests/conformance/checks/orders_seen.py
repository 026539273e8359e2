"""Orders as a run shows them, made by hand: in the answer to a completion, and in an event."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import conformance.checks  # noqa: F401  # fills the registry
from conformance.catalogue import catalogue
from conformance.checking.registry import OBSERVATIONS
from conformance.dialect import DIALECTS
from conformance.document import Document
from conformance.trial.sight import Sight
from conformance.wire.exchange import Answer, Exchange, Sent

NOW = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
SECRET = "whsec_conformance"
JSON = (("Content-Type", "application/json"),)


def answered(session: dict[str, Any], version: str = "2026-04-17") -> list[Sight]:
    """What a completion that answers with this session shows: the session, and its order."""
    answer = Answer(200, (), json.dumps(session).encode())
    sent = Sent("POST", "https://shop.example/checkout_sessions/cs_1/complete", ())
    exchange = Exchange(1, "complete", "control", sent, NOW, 0.0, answer, session="cs_1")
    whole = Sight(exchange, exchange.body, version, dialect=DIALECTS[version])
    order = [replace(whole, document=Document(session["order"]), at="$.order")] if "order" in session else []
    return [whole, *order]


def told(
    event: Any, version: str = "2026-04-17", headers: tuple[tuple[str, str], ...] = JSON, **terms: Any
) -> list[Sight]:
    """What the delivery of an event shows: the event, and the order in it."""
    sent = Sent("POST", "http://127.0.0.1/order_events", headers, json.dumps(event).encode())
    exchange = Exchange(2, "event", "probe", sent, NOW, 0.0, Answer(200, ()))
    terms = {"dialect": DIALECTS[version], "secret": SECRET, **terms}
    whole = Sight(exchange, Document(event), version, **terms)
    return [whole, replace(whole, document=Document(event["data"]), at="$.data")]


def wrong(requirement: str, sights: list[Sight]) -> list[str]:
    """Where the observations of a requirement find something wrong in what was seen."""
    return [at for at, says in _looks(requirement, sights) if says]


def looked(requirement: str, sights: list[Sight]) -> int:
    """At how many places they look at all."""
    return len(list(_looks(requirement, sights)))


def _looks(requirement: str, sights: list[Sight]) -> Iterator[tuple[str, str]]:
    known = catalogue()[requirement]
    for sight in sights:
        kind = {"$.order": "order", "$.data": "order"}.get(
            sight.at, "event" if sight.exchange.operation == "event" else "session"
        )
        if not known.since <= sight.version <= (known.until or "9999"):
            continue
        for each in OBSERVATIONS.values():
            if requirement in each.requirements and each.of == kind:
                yield from ((sight.at + look.at[1:], look.wrong) for look in each.look(sight))
