"""Every row of the overlay: refused strictly, accepted with the overlay, and what is nearly so still refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import schemas
from schemas import overlay
from schemas.registry import documents
from tests.schemas.documents import ADDRESS, CREATE

LEAST = {"line_items": [{"id": "lamp"}], "currency": "eur", "capabilities": {}}


def _create(**members: Any) -> tuple[str, str, Any]:
    return "checkout", "CheckoutSessionCreateRequest", LEAST | members


def _update(**members: Any) -> tuple[str, str, Any]:
    return "checkout", "CheckoutSessionUpdateRequest", members


def _cart(**item: Any) -> tuple[str, str, Any]:
    return "cart", "CartCreateRequest", {"line_items": [{"id": "lamp", **item}]}


def _cancel(**trace: Any) -> tuple[str, str, Any]:
    return "checkout", "CancelSessionRequest", {"intent_trace": trace}


def _interventions(**members: Any) -> tuple[str, str, Any]:
    return _create(capabilities={"interventions": members})


ADMITTED = [
    ("A01", _create(line_items=[{"id": "lamp", "quantity": 2}])),
    ("A01", _update(line_items=[{"id": "lamp", "quantity": 1}])),
    ("A01", _cart(quantity=2)),
    ("A01", ("cart", "CartUpdateRequest", {"line_items": [{"id": "lamp", "quantity": 2}]})),
    (
        "A01",
        ("discount", "checkout_create_request_with_discount", {**LEAST, "line_items": [{"id": "a", "quantity": 2}]}),
    ),
    *[
        ("A09", _update(**{name: None}))
        for name in schemas.definition("checkout", "CheckoutSessionUpdateRequest")["properties"]
    ],
    ("A09", _update(buyer={"email": "ada@example.com", "phone_number": None, "company": None})),
    ("A09", _update(fulfillment_details={"name": None, "email": None, "address": None})),
    ("A09", _update(fulfillment_details={"address": {**ADDRESS, "line_two": None, "company": None}})),
    ("A21", _create(capabilities={"extensions": []})),
    ("A36", _cancel(reason_code="changed_my_mind")),
    ("A49", _interventions(supported=["3ds", "retina_scan"])),
    ("A49", _interventions(required=["retina_scan"], enforcement="sometimes")),
    ("A49", _interventions(display_context="hologram", redirect_context="teleport")),
    ("A49", _interventions(supported=[], later={"any": 1})),
    ("A49", _create(capabilities={"payment_methods": ["card"]})),
]
REFUSED = [
    ("A01", _create(line_items=[{"id": "lamp", "quantity": 0}]), "$.line_items[0].quantity"),
    ("A01", _create(line_items=[{"id": "lamp", "quantity": "2"}]), "$.line_items[0].quantity"),
    ("A01", _create(line_items=[{"id": "lamp", "quantity": 1.5}]), "$.line_items[0].quantity"),
    ("A01", _create(line_items=[{"id": "lamp", "quantity": None}]), "$.line_items[0].quantity"),
    ("A01", _create(line_items=[{"id": "lamp", "amount": 2}]), "$.line_items[0].amount"),
    ("A09", _create(buyer=None), "$.buyer"),
    ("A09", _create(buyer={"email": "ada@example.com", "phone_number": None}), "$.buyer.phone_number"),
    ("A09", _create(fulfillment_details={"name": None}), "$.fulfillment_details.name"),
    ("A09", _update(buyer={"email": None}), "$.buyer.email"),
    ("A09", _update(buyer={"phone_number": None}), "$.buyer.email"),
    ("A09", _update(buyer={"email": "ada@example.com", "company": {"name": None}}), "$.buyer.company.name"),
    ("A09", _update(fulfillment_details={"address": {**ADDRESS, "city": None}}), "$.fulfillment_details.address.city"),
    ("A09", _update(line_items=[None]), "$.line_items[0]"),
    ("A09", _update(coupon=None), "$.coupon"),
    ("A21", _create(capabilities={"extensions": {}}), "$.capabilities.extensions"),
    ("A21", _create(capabilities={"extensions": ["a", "a"]}), "$.capabilities.extensions"),
    ("A36", _cancel(reason_code=5), "$.intent_trace.reason_code"),
    ("A36", _cancel(trace_summary="x"), "$.intent_trace.reason_code"),
    ("A49", _interventions(supported=[3]), "$.capabilities.interventions.supported[0]"),
    ("A49", _interventions(max_redirects=-1), "$.capabilities.interventions.max_redirects"),
    ("A49", _create(capability={}), "$.capability"),
]


def _id(case: tuple[Any, ...]) -> str:
    _, definition, document = next(part for part in case if isinstance(part, tuple))
    return f"{case[0]} {definition} {document}"[:90]


@pytest.mark.parametrize("case", ADMITTED, ids=_id)
def test_a_row_admits_what_is_refused_strictly(case: tuple[str, tuple[str, str, Any]]) -> None:
    resource, definition, document = case[1]
    assert not schemas.validator(resource, definition).is_valid(document)
    assert schemas.validator(resource, definition, overlay=True).problems(document) == []


@pytest.mark.parametrize("case", REFUSED, ids=_id)
def test_a_row_admits_no_more_than_its_reading_says(case: tuple[str, tuple[str, str, Any], str]) -> None:
    resource, definition, document = case[1]
    problems = schemas.validator(resource, definition, overlay=True).problems(document)
    assert [problem.path for problem in problems] == [case[2]]


def test_every_row_has_something_it_admits_and_something_it_does_not() -> None:
    rows = {row.reading for row in overlay.ROWS}
    assert {case[0] for case in ADMITTED} == {case[0] for case in REFUSED} == rows


SINCE = [
    ("A01", "2026-01-30", _create(line_items=[{"id": "lamp", "quantity": 2}])),
    ("A09", "2026-04-17", _update(buyer=None)),
    ("A21", "2026-01-30", _create(capabilities={"extensions": []})),
    ("A36", "2025-12-12", _cancel(reason_code="changed_my_mind")),
    ("A49", "2026-01-30", _interventions(supported=["retina_scan"])),
]


@pytest.mark.parametrize("case", SINCE, ids=_id)
def test_a_row_holds_from_the_version_that_its_reading_is_about(case: tuple[str, str, tuple[str, str, Any]]) -> None:
    _, since, (resource, definition, document) = case
    with_it = [
        version
        for version in schemas.VERSIONS
        if definition in documents(version)[resource]["$defs"]
        and schemas.validator(resource, definition, version=version, overlay=True).is_valid(document)
    ]
    assert with_it == [version for version in schemas.VERSIONS if version >= since]


def test_every_row_says_since_when_it_holds() -> None:
    assert [(row.reading, row.since) for row in overlay.ROWS] == [case[:2] for case in SINCE]


@pytest.mark.parametrize("version", schemas.VERSIONS)
def test_the_overlay_leaves_the_definitions_themselves_alone(version: str) -> None:
    assert overlay.overlaid(version) is not documents(version)
    for path in (Path(schemas.__file__).parent / version).glob("*.json"):
        assert documents(version)[path.stem] == json.loads(path.read_text())


def test_what_is_valid_strictly_is_valid_with_the_overlay() -> None:
    assert schemas.validator("checkout", "CheckoutSessionCreateRequest", overlay=True).problems(CREATE) == []
