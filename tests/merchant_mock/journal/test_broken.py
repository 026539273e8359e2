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
    for name, row in table("rules.json").items():
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


@pytest.mark.parametrize("param", ["$.line_items[0", "nonsense(", 7, None, "$.nothing"])
def test_a_place_that_is_none_finds_nothing(param: object) -> None:
    told = broken(create({"line_items": []}), refused("invalid", param=param))
    assert told is not None
    assert "found" not in told
    assert json.dumps(told)
