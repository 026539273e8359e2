"""Errors of a delegation, each judged by one check alone."""

from __future__ import annotations

from typing import Any

import pytest

import conformance.checks  # noqa: F401  # fills the registry
from conformance.checking.registry import OBSERVATIONS
from conformance.checks.delegation_errors import (
    an_error_has_a_type_of_the_protocol,
    an_error_is_a_flat_object,
    an_error_is_labelled_as_json,
    supported_versions_are_for_refused_versions,
    supported_versions_begin_with_the_newest,
)
from tests.conformance.checks.delegations_seen import ERROR, SENT, TOKEN, came, looked, wrong

AREA = "delegate-payment."


def broken(body: Any, status: int = 400, **headers: str | None) -> set[str]:
    """The requirements that an error breaks."""
    sight = came(body, status, purpose="probe", **headers)
    kinds = ("reply", "error") if isinstance(body, dict) else ("reply",)
    return {
        requirement.removeprefix(AREA)
        for each in OBSERVATIONS.values()
        if each.of in kinds
        for requirement in each.requirements
        if requirement.startswith(AREA) and any(look.wrong for look in each.look(sight))
    }


@pytest.mark.parametrize(
    ("body", "requirements"),
    [
        (ERROR, set()),
        (ERROR | {"param": "$.payment_method.exp_month"}, set()),
        (ERROR | {"param": "payment_method.exp_month"}, {"error.param-jsonpath"}),
        ({"error": ERROR}, {"error.flat"}),
        ({"type": "invalid_request", "message": "No."}, {"error.required-members"}),
        (ERROR | {"code": 17}, {"error.required-members"}),
        (ERROR | {"doc_url": "https://psp.example"}, {"error.no-unknown-members"}),
        (ERROR | {"type": "card_error"}, {"error.type-enum"}),
        ([ERROR], {"error.flat"}),
        (b"<h1>No</h1>", {"error.flat"}),
        (
            ERROR | {"supported_versions": ["2026-04-17"]},
            {"error.supported-versions-only-for-version-errors"},
        ),
    ],
)
def test_one_fault_of_an_error_breaks_one_requirement(body: Any, requirements: set[str]) -> None:
    assert broken(body) == requirements


def test_a_page_is_no_flat_error_and_json_in_the_clothes_of_a_page_is_mislabelled() -> None:
    assert broken(b"<h1>No</h1>", content_type="text/html") == {"error.flat"}
    assert broken(ERROR, content_type="text/html") == {"error.content-type"}
    assert wrong(an_error_is_labelled_as_json, came(ERROR, 400, content_type=None)) == ["$"]


@pytest.mark.parametrize(("status", "judged"), [(400, True), (422, True), (429, True), (401, False), (404, False)])
def test_the_type_is_judged_where_the_status_leaves_no_other(status: int, judged: bool) -> None:
    assert looked(an_error_has_a_type_of_the_protocol, came(ERROR | {"type": "unauthorized"}, status)) is judged


def test_what_is_no_refusal_is_no_error() -> None:
    assert not looked(an_error_is_a_flat_object, came(TOKEN))


@pytest.mark.parametrize(
    ("listed", "places"),
    [
        (["2026-04-17", "2026-01-30"], []),
        (["2026-04-17"], []),
        (["2026-01-30", "2026-04-17"], ["$.supported_versions"]),
        (["2026-04-17", "2026-04-17"], ["$.supported_versions"]),
    ],
)
def test_versions_are_listed_newest_first(listed: list[str], places: list[str]) -> None:
    sight = came(ERROR | {"supported_versions": listed}, 400)
    assert wrong(supported_versions_begin_with_the_newest, sight) == places


@pytest.mark.parametrize("listed", ["2026-04-17", [20260417], None])
def test_what_is_no_list_of_versions_is_in_no_order(listed: Any) -> None:
    assert not looked(supported_versions_begin_with_the_newest, came(ERROR | {"supported_versions": listed}, 400))


def test_a_refused_version_may_be_told_the_others() -> None:
    of_no_version = tuple((name, "1999-01-01" if name == "API-Version" else value) for name, value in SENT)
    told = ERROR | {"supported_versions": ["2026-04-17"]}
    assert wrong(supported_versions_are_for_refused_versions, came(told, 400)) == ["$"]
    assert not looked(supported_versions_are_for_refused_versions, came(told, 400, sent=of_no_version))
