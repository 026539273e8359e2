"""The discovery document of a run: where a profile names its origin, and where that is only guessed."""

from __future__ import annotations

import httpx
import pytest

from conformance.findings import Blocked, NotApplicable
from conformance.trial.discovery import found, is_discovery
from tests.conformance.checks.checkouts_seen import DISCOVERY
from tests.conformance.checks.shops import trial

ORIGIN = "https://shop.example.com/.well-known/acp.json"


@pytest.mark.parametrize(
    ("document", "one"),
    [(DISCOVERY, True), ({"protocol": {}, "transports": []}, True), ({"ok": True}, False), ([], False), (None, False)],
)
def test_a_document_is_one_by_its_members(document, one):
    assert is_discovery(document) is one


@pytest.mark.parametrize("discovery", [None, ORIGIN])
async def test_a_document_is_found_wherever_it_is(discovery):
    shop = trial(lambda request: httpx.Response(200, json=DISCOVERY), discovery=discovery)
    assert (await found(shop)).document == DISCOVERY


@pytest.mark.parametrize("answer", [httpx.Response(404), httpx.Response(200, text="<html>"), httpx.Response(401)])
async def test_what_stands_at_a_guessed_place_says_nothing(answer):
    with pytest.raises(NotApplicable, match="names no origin"):
        await found(trial(lambda request: answer))


@pytest.mark.parametrize("answer", [httpx.Response(404), httpx.Response(200, text="<html>"), httpx.Response(401)])
async def test_at_the_place_that_the_profile_names_there_has_to_be_one(answer):
    with pytest.raises(Blocked, match="no document to judge"):
        await found(trial(lambda request: answer, discovery=ORIGIN))
