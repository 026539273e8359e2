"""The table of rules, and that each code the shop answers has one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import orjson
import pytest

from merchant_mock.data import table
from merchant_mock.journal.broken import broken
from merchant_mock.wire.exchange import Asked, Reply

ROOT = Path(__file__).parents[3]
OUR_FAULT = {"internal_error", "service_unavailable", "contended", "timed_out"}
OF_ORDERS = {"order_change_refused"}
"""Refusals of the after-sales, which no agent can ask for over the protocol."""


def refused(code: object, status: int = 400, param: object = None) -> Reply:
    error = {"type": "invalid_request", "code": code, "message": "No.", "param": param}
    return Reply(status, (), orjson.dumps(error))


def create(body: object) -> Asked:
    return Asked("POST", "/checkout_sessions", (), orjson.dumps(body))


def test_every_code_of_the_server_has_a_rule() -> None:
    said = set()
    for file in [*ROOT.glob("acp/server/**/*.py"), ROOT / "acp/errors.py", ROOT / "acp/canonical.py"]:
        said |= set(re.findall(r"(?:\bcode=|default_code = )\"(\w+)\"", file.read_text()))
    assert len(said) > 20
    assert said - OUR_FAULT - OF_ORDERS - {name.rpartition(".")[2] for name in table("rules.json")} == set()


def test_each_row_says_what_and_where() -> None:
    rules = table("rules.json")
    for name in rules:
        row = rules.get(name.rpartition(".")[2], {}) | rules[name]
        assert row["says"].endswith("."), name
        assert row["section"], name


def test_requirements_are_those_of_the_catalogue() -> None:
    known = (ROOT / "conformance").rglob("*.yaml")
    text = "\n".join(file.read_text() for file in known)
    for name, row in table("rules.json").items():
        if "requirement" in row:
            assert f"id: {row['requirement']}\n" in text, name


@pytest.mark.parametrize(
    "reply", [Reply(400, (), b"no json"), Reply(400, (), b"[]"), refused(7), refused("nobody_knows")]
)
def test_an_answer_that_names_no_rule_tells_none(reply: Reply) -> None:
    assert broken(create({}), reply) is None


def test_the_shops_own_fault_is_no_broken_rule() -> None:
    assert broken(create({}), refused("invalid", status=500)) is None


IDS = "checkout.idempotency.missing-key"


@pytest.mark.parametrize(
    ("path", "code", "section", "requirement"),
    [
        ("/checkout_sessions", "idempotency_key_required", "rfc.agentic_checkout §6.1", f"{IDS}.create"),
        ("/checkout_sessions/cs_1", "idempotency_key_required", "rfc.agentic_checkout §6.1", f"{IDS}.update"),
        (
            "/checkout_sessions/cs_1/complete",
            "idempotency_key_required",
            "rfc.agentic_checkout §6.1",
            f"{IDS}.complete",
        ),
        ("/checkout_sessions/cs_1/cancel", "idempotency_key_required", "rfc.agentic_checkout §6.1", f"{IDS}.cancel"),
        (
            "/agentic_commerce/delegate_payment",
            "idempotency_key_required",
            "rfc.delegate_payment §5.1",
            "delegate-payment.idempotency.key-required",
        ),
        (
            "/agentic_commerce/delegate_payment",
            "missing",
            "rfc.delegate_payment §3.2, JSON Schema of the definition",
            "delegate-payment.request.required-members",
        ),
        ("/checkout_sessions/cs_1", "session_finished", "rfc.agentic_checkout §4.5", None),
        (
            "/checkout_sessions/cs_1",
            "not_found",
            "rfc.agentic_checkout §4.3",
            "checkout.session.update.unknown-session",
        ),
    ],
)
def test_the_rule_is_that_of_the_call(path: str, code: str, section: str, requirement: str | None) -> None:
    told = broken(Asked("POST", path, (), b"{}"), refused(code))
    assert told is not None
    assert (told["section"], told.get("requirement")) == (section, requirement)


@pytest.mark.parametrize("code", ["session_finished", "not_found", "duplicate_member", "too_deep", "malformed_json"])
def test_what_is_not_about_a_value_blames_neither_a_definition_nor_a_header(code: str) -> None:
    told = broken(
        Asked("POST", "/checkout_sessions/cs_1/cancel", (("content-type", "text/plain"),), b"{}"), refused(code)
    )
    assert told is not None
    assert {"definition", "header"} & set(told) == set()


@pytest.mark.parametrize("param", ["$.line_items[0", "nonsense(", 7, None, "$.nothing"])
def test_a_place_that_is_none_finds_nothing(param: object) -> None:
    told = broken(create({"line_items": []}), refused("invalid", param=param))
    assert told is not None
    assert "found" not in told
    assert json.dumps(told)
