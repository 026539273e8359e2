"""Definitions by version, resource and name: what there is stands alone, what there is not is told."""

from __future__ import annotations

import subprocess
import sys

import pytest

import schemas
from schemas.registry import documents
from tests.schemas.earlier import SHIPPED


def test_an_unknown_version_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(schemas.UnknownVersion, match=r"'2020-01-01'; there are: .*2026-04-17"):
        schemas.validator("checkout", "Order", version="2020-01-01")


@pytest.mark.parametrize(
    ("resource", "name", "message"),
    [
        ("chekout", "Order", "No resource 'chekout'; there are: .*checkout"),
        ("checkout", "Ordr", "No definition 'Ordr' in 'checkout'; there are: .*Order"),
        ("checkout", "Order.totals.x", "no part 'x'"),
    ],
)
def test_an_unknown_definition_is_an_error_that_names_those_there_are(resource: str, name: str, message: str) -> None:
    with pytest.raises(schemas.UnknownDefinition, match=message):
        schemas.definition(resource, name)


def test_a_part_without_a_name_of_its_own_is_reached_by_dots() -> None:
    assert schemas.definition("checkout", "PaymentData.instrument.credential")["required"] == ["type", "token"]
    check = schemas.validator("checkout", "CheckoutSessionBase.messages.items")
    assert check.problems({"type": "x"})[0].path == "$.type"


def test_a_definition_is_a_copy() -> None:
    schemas.definition("checkout", "Order")["properties"].clear()
    assert schemas.definition("checkout", "Order")["properties"]


@pytest.mark.parametrize("version", schemas.VERSIONS)
def test_a_bundle_stands_alone(version: str) -> None:
    import jsonschema_rs

    for resource, name in _definitions(version):
        bundle = schemas.bundle(resource, name, version)
        assert ".json" not in str(bundle["$defs"].values()).replace("acp.json", "")
        assert jsonschema_rs.meta.is_valid(bundle)
        jsonschema_rs.Draft202012Validator(bundle, offline=True)


@pytest.mark.parametrize("version", schemas.VERSIONS)
def test_every_definition_is_described(version: str) -> None:
    for resource, name in _definitions(version):
        assert schemas.definition(resource, name, version)["description"].endswith("."), name


def _definitions(version: str) -> list[tuple[str, str]]:
    return [(resource, name) for resource, document in documents(version).items() for name in document["$defs"]]


@pytest.mark.parametrize(
    ("version", "resources"),
    [
        ("2025-09-29", ["checkout", "delegate_payment", "webhook"]),
        ("2025-12-12", ["checkout", "delegate_payment", "webhook"]),
        ("2026-01-16", ["checkout", "delegate_payment", "webhook"]),
        ("2026-01-30", ["checkout", "delegate_payment", "discount", "extension", "webhook"]),
    ],
)
def test_an_earlier_version_has_the_resources_of_its_time(version: str, resources: list[str]) -> None:
    assert list(documents(version)) == resources
    with pytest.raises(schemas.UnknownDefinition, match=f"No resource 'cart'; there are: {', '.join(resources)}"):
        schemas.validator("cart", "Cart", version=version)


def test_the_same_document_is_judged_by_the_version_that_is_named() -> None:
    request = {"items": [{"id": "lamp", "quantity": 1.5}]}

    def told(version: str) -> list[schemas.Problem]:
        return schemas.validator("checkout", "CheckoutSessionCreateRequest", version=version).problems(request)

    assert told("2025-09-29") == []
    assert [problem.path for problem in told("2026-01-16")] == ["$.items[0].quantity"]
    assert [problem.code for problem in told("2026-01-30")] == ["missing", "missing", "missing", "unknown"]


def test_the_body_of_an_event_is_that_of_its_version() -> None:
    event = {"type": "order_update", "data": SHIPPED}
    assert schemas.validator("webhook", "WebhookEvent", version="2026-01-30").problems(event) == []
    newest = schemas.validator("webhook", "WebhookEvent").problems(event)
    assert [problem.path for problem in newest] == ["$.data.id", "$.data.refunds"]
    unknown = schemas.validator("webhook", "WebhookEvent", version="2026-01-30").problems(event | {"type": "order_x"})
    assert [problem.message for problem in unknown] == ["'type' must be order_create or order_update."]


def test_no_schema_is_read_before_one_is_asked_for_and_then_those_of_one_version() -> None:
    script = (
        "import schemas; from schemas.registry import documents; print(documents.cache_info().currsize);"
        "schemas.validator('checkout', 'Order', version='2025-09-29'); print(documents.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "1"]
