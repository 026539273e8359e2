"""What our schemas accept is what the published ones accept, and the published examples show it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import schemas
from tests import published
from tests.schemas.payloads import Payload, payloads

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.published

CLOSED_RESULT = "DA-1: the base of a session with a result is closed and has no result"
DISCOUNT = "the discount examples send quantity and no capabilities (A01, A02), and receive payment_methods (A03)"
ANNOTATED = "OR-14: $schema and _description are unknown members"
MCP = "MC-5: the MCP examples keep a superseded shape"
REFUSED = {
    "agentic_checkout/webhook_order_create_event": "WH-1: an obsolete event, with refunds and without id",
    "agentic_checkout/webhook_order_update_event": "WH-1: an obsolete event, with refunds and without id",
    "agentic_checkout/authentication_result_denied_example": "DA-11: outcome_details are all or nothing",
    "delegate_authentication/retrieve_session_response_authenticated": CLOSED_RESULT,
    "delegate_authentication/retrieve_session_response_attempted": CLOSED_RESULT,
    "delegate_authentication/retrieve_session_response_not_authenticated": CLOSED_RESULT,
    "delegate_authentication/retrieve_session_response_rejected": CLOSED_RESULT,
    "delegate_authentication/retrieve_session_response_challenge_abandoned": CLOSED_RESULT,
    "mcp/create_checkout_session_response": MCP,
    "mcp/get_checkout_session_response": MCP,
    "mcp/update_checkout_session_request": MCP,
    "mcp/update_checkout_session_response": MCP,
    "mcp/complete_checkout_session_request": MCP,
    "mcp/complete_checkout_session_response": MCP,
    "mcp/cancel_checkout_session_response": MCP,
    "multi_item_checkout/create_multi_item_checkout_request": "A02: no capabilities",
    "multi_item_checkout/create_multi_item_checkout_response": "A69, A52: base_amount, capabilities under protocol",
    "orders/digital-fulfillment": ANNOTATED,
    "orders/partial-fulfillment": ANNOTATED,
    "orders/refunded-order": ANNOTATED,
    "orders/shipped-order": ANNOTATED,
    "orders/simple-order": ANNOTATED,
    "discount-extension/automatic-discount.request": DISCOUNT,
    "discount-extension/automatic-discount.response": DISCOUNT,
    "discount-extension/order-level-discount.request": DISCOUNT,
    "discount-extension/order-level-discount.response": DISCOUNT,
    "discount-extension/percentage-discount-with-allocations.request": DISCOUNT,
    "discount-extension/percentage-discount-with-allocations.response": DISCOUNT,
    "discount-extension/rejected-discount-code.request": DISCOUNT,
    "discount-extension/rejected-discount-code.response": DISCOUNT,
    "discount-extension/stacked-discounts.request": DISCOUNT,
    "discount-extension/stacked-discounts.response": DISCOUNT,
}
MCP_META_OBJECTS = 5  # part of the hundred payloads, but defined by OpenRPC alone

EXAMPLES = published.cases([pytest.param(payload, id=payload.id) for payload in payloads()])


def test_every_published_definition_has_an_equal_of_ours() -> None:
    spec = Path(str(published.FOLDER)).resolve()
    command = [sys.executable, "tools/schema_diff.py", "--ours", "schemas", "--known", "schemas/differences.json"]
    command += ["--spec", str(spec), "--version", published.VERSION]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == f"140/140 definitions equal, 0 explained, 0 differ ({published.VERSION})\n"
    assert done.returncode == 0


@pytest.mark.parametrize("payload", EXAMPLES)
def test_a_published_example_is_accepted_unless_a_reading_says_why_not(payload: Payload) -> None:
    problems = schemas.validator(payload.resource, payload.definition).problems(payload.document)
    assert bool(problems) == (payload.id in REFUSED), problems


def test_the_examples_are_the_hundred_that_the_readings_count_of_which_sixty_eight_are_valid() -> None:
    found = {payload.id for payload in payloads()}
    assert len(found) + MCP_META_OBJECTS == 100
    assert found >= REFUSED.keys()
    assert len(REFUSED) == 32


def test_an_order_example_is_valid_once_its_annotations_are_stripped() -> None:
    check = schemas.validator("checkout", "Order")
    orders = [payload.document for payload in payloads() if payload.id.startswith("orders/")]
    stripped = [
        {name: value for name, value in each.items() if name not in {"$schema", "_description"}} for each in orders
    ]
    assert [check.problems(each) for each in stripped] == [[]] * 5


def test_no_sentence_of_the_published_schemas_is_repeated() -> None:
    theirs = {text for bundle in published.bundles().values() for text in _descriptions(bundle)}
    for version in schemas.VERSIONS:
        for path in (ROOT / "schemas" / version).glob("*.json"):
            ours = set(_descriptions(json.loads(path.read_text())))
            assert {text for text in ours & theirs if len(text) > 20} == set()


def _descriptions(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (text for key in ("title", "description") if isinstance(text := node.get(key), str))
        for value in node.values():
            yield from _descriptions(value)
    elif isinstance(node, list):
        for value in node:
            yield from _descriptions(value)
