"""The profile to begin with holds every member there is, and can be read as it stands."""

from __future__ import annotations

import re
import tomllib

import pytest

from conformance.profile.file import made_of, schema
from conformance.profile.starter import declared, starter


def all_commented_in() -> dict:
    """The starter with every commented member as if it were set."""
    lines = starter("https://shop.example/acp", "sku-1", "2026-04-17").splitlines()
    return tomllib.loads("\n".join(re.sub(r"^# (?=\[|[a-z0-9_]+ = )", "", line) for line in lines))


def members(of: dict) -> set[str]:
    known = schema()["$defs"]
    if "$ref" in of:
        of = known[of["$ref"].rpartition("/")[2]]
    return {*of.get("properties", {}), *(name for part in of.get("allOf", ()) for name in members(part))}


def test_it_names_every_member_of_a_profile_and_no_other():
    named, known = all_commented_in(), schema()
    assert set(named) == set(known["properties"])
    assert {*named["merchant"], *named["psp"]} == members(known["properties"]["merchant"])
    for table in ("connection", "items", "webhook", "hooks", "payment"):
        assert set(named[table]) == members(known["properties"][table])


def test_it_can_be_read_once_the_key_is_in_the_environment():
    text = starter('https://shop.example/"acp"', "sku-1", "2026-01-30")
    profile = made_of(tomllib.loads(text), {"ACP_KEY": "k"}, "starter")
    assert (profile.name, profile.merchant.url, profile.merchant.key) == (
        "acp@2026-01-30",
        'https://shop.example/"acp"',
        "k",
    )
    assert profile.item("in_stock") == {"id": "sku-1"}


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (
            {"protocol": {"version": "2026-04-17"}, "api_base_url": "https://shop.example"},
            {"version": "2026-04-17", "api_base_url": "https://shop.example"},
        ),
        ({"protocol": "acp", "api_base_url": 7}, {}),
        ([], {}),
        (None, {}),
    ],
)
def test_of_a_discovery_document_only_what_can_be_used_is_taken(document, found):
    assert declared(document) == found
