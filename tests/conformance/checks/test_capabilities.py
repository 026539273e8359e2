"""What the checks of capabilities, handlers, interventions and intent traces see in sessions made by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from conformance.checking.registry import Look
from conformance.checks import capabilities, intent_trace, interventions, payment_handler
from conformance.trial.sight import Sight
from conformance.wire.exchange import Answer, Exchange, Sent

Observed = Callable[[Any], Iterator[Look]]

CARD: dict[str, Any] = {"id": "card", "psp": "acme_pay", "config": {"psp": "acme_pay"}}
TOTALS = [{"type": "total", "amount": 1_000}]
AGENT = {"capabilities": {"interventions": {"supported": ["3ds"]}}}


def shown(session: dict[str, Any], operation: str = "retrieve", **known: Any) -> Sight:
    """The sight of a session in an answer."""
    answer = Answer(200, (), json.dumps(session).encode())
    sent = Sent("GET", "https://shop.example/checkout_sessions/cs_1", ())
    exchange = Exchange(1, operation, "control", sent, datetime(2026, 5, 6, tzinfo=UTC), 0.0, answer, session="cs_1")
    return Sight(exchange, exchange.body, "2026-04-17", **known)


def paying(*handlers: Any, status: str = "ready_for_payment", **beside: Any) -> dict[str, Any]:
    """A session that lists these handlers."""
    return {"status": status, "totals": TOTALS, "capabilities": {"payment": {"handlers": list(handlers)}, **beside}}


def supporting(*names: str) -> dict[str, Any]:
    """A session that supports these interventions."""
    return {"capabilities": {"interventions": {"supported": list(names)}}}


def wrong(observed: Observed, sight: Sight) -> list[str]:
    """Where an observation finds something wrong."""
    return [look.at for look in observed(sight) if look.wrong]


def test_a_session_that_can_be_paid_lists_a_handler() -> None:
    assert wrong(capabilities.a_session_that_can_be_paid_says_how, shown(paying(CARD), "create")) == []
    assert wrong(capabilities.a_session_that_can_be_paid_says_how, shown(paying(), "create")) == [
        "$.capabilities.payment"
    ]


@pytest.mark.parametrize(
    "session",
    [
        paying(status="not_ready_for_payment"),
        paying() | {"totals": [{"type": "total", "amount": 0}]},
        paying(payment_methods=["card"]),
        paying() | {"capabilities": None},
        paying() | {"capabilities": {"payment": [CARD]}},
    ],
)
def test_a_session_that_cannot_be_paid_or_says_it_elsewhere_is_not_asked_for_handlers(session: dict[str, Any]) -> None:
    assert list(capabilities.a_session_that_can_be_paid_says_how(shown(session, "create"))) == []


def test_handlers_that_were_listed_before_need_no_repetition() -> None:
    before = paying(CARD, status="not_ready_for_payment")

    assert wrong(capabilities.a_session_that_can_be_paid_says_how, shown(paying(), "update", before=before)) == []


def test_a_handler_that_is_gone_at_a_read_has_vanished_and_one_at_the_end_has_not() -> None:
    vanished = shown(paying(), before=paying(CARD))
    finished = shown(paying(status="completed"), before=paying(CARD))

    assert wrong(capabilities.handlers_do_not_vanish, vanished) == ["$.capabilities.payment.handlers"]
    assert wrong(capabilities.handlers_do_not_vanish, finished) == []
    assert wrong(capabilities.handlers_do_not_vanish, shown(paying(CARD), before=paying(CARD))) == []


def test_one_id_for_two_handlers_is_found() -> None:
    other = {"id": "other"}

    assert wrong(payment_handler.no_two_handlers_have_one_id, shown(paying(CARD, other))) == []
    assert wrong(payment_handler.no_two_handlers_have_one_id, shown(paying(CARD, other, CARD))) == [
        "$.capabilities.payment.handlers"
    ]


@pytest.mark.parametrize(
    ("handler", "places"),
    [
        (CARD, []),
        (CARD | {"config": {"psp": "other"}}, ["$.capabilities.payment.handlers[0].config.psp"]),
        (CARD | {"config": {}}, ["$.capabilities.payment.handlers[0].config.psp"]),
        (CARD | {"config": "{}"}, []),
        ({"config": {"psp": "acme_pay"}}, []),
        (7, []),
    ],
)
def test_a_config_names_the_psp_of_its_handler(handler: Any, places: list[str]) -> None:
    assert wrong(payment_handler.the_config_names_the_psp_again, shown(paying(handler))) == places


@pytest.mark.parametrize(
    ("name", "delegates", "compliant", "found"),
    [
        ("dev.acp.tokenized.card", True, False, False),
        ("dev.acp.tokenized.card", False, False, True),
        ("dev.acp.tokenized.bank", True, True, True),
        ("dev.acp.tokenized.card", "true", 0, False),
        ("example.shop.invoice", False, True, False),
    ],
)
def test_the_tokenized_family_delegates(name: str, delegates: Any, compliant: Any, found: bool) -> None:
    handler = {"name": name, "requires_delegate_payment": delegates, "requires_pci_compliance": compliant}

    assert bool(wrong(payment_handler.tokens_are_delegated, shown(paying(handler)))) is found


def test_only_what_the_agent_declared_is_in_common() -> None:
    common = interventions.only_what_the_agent_declared_is_supported

    assert wrong(common, shown(supporting("3ds"), given=[AGENT])) == []
    assert wrong(common, shown(supporting("3ds", "biometric"), given=[AGENT])) == [
        "$.capabilities.interventions.supported[1]"
    ]
    assert wrong(common, shown(supporting("biometric"))) == []


def test_an_unknown_intervention_is_found_unless_the_agent_brought_it() -> None:
    known = interventions.only_known_interventions_are_supported
    brought = {"capabilities": {"interventions": {"supported": ["retina"]}}}

    assert wrong(known, shown(supporting("3ds", "retina"), given=[AGENT])) == [
        "$.capabilities.interventions.supported[1]"
    ]
    assert wrong(known, shown(supporting("retina"), given=[brought])) == []


def test_a_trace_is_found_where_a_session_is_read_and_its_summary_anywhere_else() -> None:
    traced = [{"intent_trace": {"reason_code": "other", "trace_summary": "acpc-trace-0-1"}}]
    told = {"intent_trace": traced[0]["intent_trace"]}

    assert wrong(intent_trace.a_read_does_not_show_the_trace, shown(told, given=traced)) == ["$.intent_trace"]
    assert wrong(intent_trace.a_read_does_not_show_the_trace, shown({}, given=traced)) == []
    assert wrong(intent_trace.no_other_answer_shows_the_trace, shown(told, "create")) == ["$"]
    assert wrong(intent_trace.no_other_answer_shows_the_trace, shown({"note": "trace"}, "create")) == []
    assert list(intent_trace.no_other_answer_shows_the_trace(shown(told, "cancel"))) == []
