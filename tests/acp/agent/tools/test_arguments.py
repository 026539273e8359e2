"""Arguments on their way to the wire: nulls are dropped, what is cleared is cleared, and nothing wrong is sent."""

from __future__ import annotations

import json

import pytest

from acp.agent.tools.arguments import BadArguments, checked
from acp.agent.tools.operation import BY_NAME

UPDATE, CREATE = BY_NAME["update_checkout_session"], BY_NAME["create_checkout_session"]
ID = {"checkout_session_id": "cs_1"}


def test_nulls_of_strict_calling_are_dropped_at_every_depth():
    given = ID | {"buyer": {"email": "a@b.example", "first_name": None}, "order_notes": None, "clear": None}
    assert checked(UPDATE, json.dumps(given), strict=True) == ID | {"buyer": {"email": "a@b.example"}}


def test_what_is_named_to_be_cleared_is_null_on_the_wire():
    given = ID | {"buyer": None, "clear": ["buyer", "order_notes"]}
    assert checked(UPDATE, given, strict=True) == ID | {"buyer": None, "order_notes": None}


def test_without_strict_calling_a_null_is_the_protocols():
    assert checked(UPDATE, ID | {"buyer": None}, strict=False) == ID | {"buyer": None}


@pytest.mark.parametrize(
    ("operation", "given", "says"),
    [
        (CREATE, "{", "not JSON"),
        (CREATE, "[" * 100_000, "not JSON"),
        (CREATE, "[]", "one JSON object"),
        (CREATE, "{}", "$.line_items"),
        (CREATE, '{"line_items": [{"name": "mug"}]}', "$.line_items[0].id"),
        (CREATE, '{"line_items": [{"id": "mug", "quantity": 0}]}', "$.line_items[0].quantity"),
        (CREATE, '{"line_items": [{"id": "mug"}], "currency": "usd"}', "$.currency"),
        (CREATE, '{"line_items": [{"id": "mug"}], "payment_data": {}}', "$.payment_data"),
        (UPDATE, {"buyer": {}}, "$.checkout_session_id"),
        (UPDATE, ID | {"clear": ["line_items", "checkout_session_id"]}, "$.checkout_session_id"),
        (UPDATE, ID | {"clear": ["nothing"]}, "$.nothing"),
        (UPDATE, ID | {"clear": 5}, "$.clear"),
        (BY_NAME["complete_checkout_session"], ID, "$.expected_total"),
        (BY_NAME["complete_checkout_session"], ID | {"expected_total": "10"}, "$.expected_total"),
        (BY_NAME["complete_checkout_session"], ID | {"expected_total": True}, "$.expected_total"),
    ],
)
def test_what_does_not_fit_is_refused_with_where_and_what_to_do(operation, given, says):
    with pytest.raises(BadArguments, match="Nothing was sent") as refused:
        checked(operation, given, strict=True)
    assert says in str(refused.value)
