"""The profile that the mock prints is one: read as it stands, it brings every input that the mock can."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from conformance.profile.file import made_of, schema
from merchant_mock.app import DEMO_KEY, DEMO_WEBHOOK_SECRET
from merchant_mock.control.routes import PATTERNS
from merchant_mock.profile import SECOND_KEY, profile

PRINTED = tomllib.loads(profile("http://127.0.0.1:8182", listen="127.0.0.1:9000"))


def test_it_is_read_with_its_secrets() -> None:
    read = made_of(PRINTED, {}, "the mock's profile")
    assert (read.name, list(read.roles)) == ("acp@2026-04-17", ["merchant", "psp"])
    assert read.merchant.at("update", "cs_1") == "http://127.0.0.1:8182/checkout_sessions/cs_1"
    assert read.mcp is not None
    assert (read.mcp.url, read.mcp.second_key) == ("http://127.0.0.1:8182/mcp", SECOND_KEY)
    assert read.psp.merchant_id != read.psp.second_merchant_id
    assert {DEMO_KEY, SECOND_KEY, DEMO_WEBHOOK_SECRET, "4242424242424242"} <= {value for _, value in read.secrets()}


@pytest.mark.parametrize("group", ["items", "hooks"])
def test_it_brings_everything_of_a_kind_that_the_schema_names(group: str) -> None:
    known: dict[str, Any] = schema()["properties"][group]["properties"]
    assert set(PRINTED[group]) == set(known)


def test_its_hooks_call_routes_of_the_control_api_that_there_are() -> None:
    for name, hook in PRINTED["hooks"].items():
        path = hook["url"].partition("/_mock")[2]
        fitting = [route.method for pattern, route in PATTERNS if pattern.fullmatch(path)]
        assert hook.get("method", "POST") in fitting, name
