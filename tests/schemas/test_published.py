"""What our schemas accept is what the published ones accept, and the published examples show it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import schemas
from tests import published
from tests.schemas.payloads import Payload, payloads

ROOT = Path(__file__).parents[2]
OURS = ROOT / "schemas"
KNOWN = OURS / "differences.json"
pytestmark = pytest.mark.published

DEFINITIONS = {"2025-09-29": 27, "2025-12-12": 42, "2026-01-16": 43, "2026-01-30": 88, "2026-04-17": 140}
EXPLAINED = 7
"""Published definitions by version, and those among them all that `differences.json` gives a reason for."""

CLOSED_RESULT = "DA-1: the base of a session with a result is closed and has no result"
ANNOTATED = "OR-14: $schema and _description are unknown members"
MCP = "MC-5: the MCP examples keep a superseded shape"


def _pairs(start: str, names: tuple[str, ...], joint: str, reason: str) -> dict[str, str]:
    return {f"{start}/{name}{joint}{part}": reason for name in names for part in ("request", "response")}


DISCOUNTS = (
    "automatic-discount",
    "order-level-discount",
    "percentage-discount-with-allocations",
    "rejected-discount-code",
    "stacked-discounts",
)
DISCOUNT = "A01, A02, A03: quantity and no capabilities sent, payment_methods received"
NEGOTIATIONS = (
    "authentication_requirement",
    "bnpl_capable",
    "digital_wallet",
    "incompatible_payment_method",
    "network_tokenization",
    "successful_negotiation",
)
NEGOTIATION = "A03, before it had a schema: agent_capabilities and seller_capabilities are unknown"
REFUSED: dict[str, dict[str, str]] = {
    "2025-09-29": {"agentic_checkout/complete_checkout_session_response": "A04: no order, which had no place then"},
    "2025-12-12": {},
    "2026-01-16": {
        **_pairs("capability_negotiation", NEGOTIATIONS, "_", NEGOTIATION),
        "capability_negotiation/minimal_agent_capabilities_request": NEGOTIATION,
        "capability_negotiation/minimal_seller_capabilities_response": NEGOTIATION,
    },
    "2026-01-30": _pairs("discount-extension", DISCOUNTS, ".", DISCOUNT),
    "2026-04-17": {
        **_pairs("discount-extension", DISCOUNTS, ".", DISCOUNT),
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
        "multi_item_checkout/create_multi_item_checkout_response": "A69, A52: base_amount, capabilities elsewhere",
        "orders/digital-fulfillment": ANNOTATED,
        "orders/partial-fulfillment": ANNOTATED,
        "orders/refunded-order": ANNOTATED,
        "orders/shipped-order": ANNOTATED,
        "orders/simple-order": ANNOTATED,
    },
}
"""By version, the examples that the schemas refuse, and why."""

FOUND = {"2025-09-29": 15, "2025-12-12": 19, "2026-01-16": 37, "2026-01-30": 34, "2026-04-17": 95}
MCP_META_OBJECTS = 5  # part of the hundred payloads of 2026-04-17, but defined by OpenRPC alone

every_version = pytest.mark.parametrize("version", schemas.VERSIONS)
EXAMPLES = published.cases(
    [
        pytest.param(payload, id=f"{version}/{payload.id}")
        for version in schemas.VERSIONS
        for payload in payloads(version)
    ]
)


def _compared(ours: Path, spec: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "tools/schema_diff.py", "--ours", ours, "--spec", spec, *arguments]
    return subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)


def _spec() -> Path:
    return Path(str(published.FOLDER)).resolve()


def _published_in(folder: Path, version: str, bundles: dict[str, Any]) -> Path:
    """The folder, with these bundles where the comparison looks for those of the version."""
    home = folder / version / "json-schema"
    home.mkdir(parents=True)
    for name, bundle in bundles.items():
        (home / name).write_text(json.dumps(bundle))
    return folder


def _events(version: str) -> dict[str, Any]:
    """The definitions of the webhook's OpenAPI, the one answer without a name among them."""
    document = yaml.safe_load((_spec() / version / "openapi/openapi.agentic_checkout_webhook.yaml").read_text())
    [path] = document["paths"].values()
    receipt = path["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    named = {name: each for name, each in document["components"]["schemas"].items() if name != "Error"}
    return {"$defs": named | {"WebhookReceipt": receipt}}


# ---- the comparison


def test_every_published_definition_has_an_equal_of_ours_or_a_reason_why_not() -> None:
    total = sum(DEFINITIONS.values())
    done = _compared(OURS, _spec(), "--known", KNOWN)
    versions = ", ".join(DEFINITIONS)
    assert (
        done.stdout == f"{total - EXPLAINED}/{total} definitions equal, {EXPLAINED} explained, 0 differ ({versions})\n"
    )
    assert done.returncode == 0


@every_version
def test_ours_are_equal_without_a_reason_to_what_is_published_as_the_readings_repair_it(
    version: str, tmp_path: Path
) -> None:
    repaired = _published_in(tmp_path, version, published.bundles(version))
    done = _compared(OURS, repaired, "--version", version)
    total = DEFINITIONS[version]
    assert done.stdout.splitlines()[-1] == f"{total}/{total} definitions equal, 0 explained, 0 differ ({version})"


@every_version
def test_a_definition_that_differs_is_found(version: str, tmp_path: Path) -> None:
    shutil.copytree(OURS / version, tmp_path / version)
    path = tmp_path / version / "checkout.json"
    document = json.loads(path.read_text())
    document["$defs"]["Address"]["required"].remove("city")
    path.write_text(json.dumps(document))
    done = _compared(tmp_path, _spec(), "--version", version, "--known", KNOWN)
    assert f"{version}/Address (schema.agentic_checkout.json)  /required: spec " in done.stdout
    assert done.returncode == 1


def test_a_reason_is_given_for_what_differs_and_for_nothing_else() -> None:
    *lines, _ = _compared(OURS, _spec()).stdout.splitlines()
    assert {line.split()[0] for line in lines} == json.loads(KNOWN.read_text()).keys()


@pytest.mark.parametrize("version", schemas.VERSIONS[:-1])
def test_an_event_is_what_the_openapi_of_its_version_says(version: str, tmp_path: Path) -> None:
    (tmp_path / "ours" / version).mkdir(parents=True)
    shutil.copy(OURS / version / "webhook.json", tmp_path / "ours" / version)
    spec = _published_in(tmp_path / "spec", version, {"schema.webhook.json": _events(version)})
    done = _compared(tmp_path / "ours", spec)
    assert done.stdout == f"4/4 definitions equal, 0 explained, 0 differ ({version})\n"


# ---- the examples


@pytest.mark.parametrize("payload", EXAMPLES)
def test_a_published_example_is_accepted_unless_a_reading_says_why_not(payload: Payload) -> None:
    problems = schemas.validator(payload.resource, payload.definition, version=payload.version).problems(
        payload.document
    )
    assert bool(problems) == (payload.id in REFUSED[payload.version]), problems


@every_version
def test_no_example_of_a_version_is_left_out(version: str) -> None:
    found = {payload.id for payload in payloads(version)}
    assert len(found) == FOUND[version]
    assert found >= REFUSED[version].keys()


def test_the_examples_are_the_hundred_that_the_readings_count_of_which_sixty_eight_are_valid() -> None:
    assert FOUND[published.VERSION] + MCP_META_OBJECTS == 100
    assert len(REFUSED[published.VERSION]) == 32


def test_an_order_example_is_valid_once_its_annotations_are_stripped() -> None:
    check = schemas.validator("checkout", "Order")
    orders = [payload.document for payload in payloads() if payload.id.startswith("orders/")]
    stripped = [
        {name: value for name, value in each.items() if name not in {"$schema", "_description"}} for each in orders
    ]
    assert [check.problems(each) for each in stripped] == [[]] * 5


# ---- the wording


def test_no_sentence_of_the_published_schemas_is_repeated() -> None:
    bundles = [bundle for version in schemas.VERSIONS for bundle in published.bundles(version).values()]
    events = [_events(version) for version in schemas.VERSIONS]
    theirs = {text for document in [*bundles, *events] for text in _descriptions(document)}
    ours = {text for path in OURS.glob("*/*.json") for text in _descriptions(json.loads(path.read_text()))}
    assert {text for text in ours & theirs if len(text) > 20} == set()


def _descriptions(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (text for key in ("title", "description") if isinstance(text := node.get(key), str))
        for value in node.values():
            yield from _descriptions(value)
    elif isinstance(node, list):
        for value in node:
            yield from _descriptions(value)
