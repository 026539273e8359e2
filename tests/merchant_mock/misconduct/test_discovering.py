from __future__ import annotations

from typing import Any

from tests.merchant_mock.misconduct.conftest import Opened
from tests.merchant_mock.walk import Walker

DOCUMENT = "/.well-known/acp.json"


def read(walker: Walker, query: str = "", **headers: str | None) -> Any:
    return walker.get("document", DOCUMENT + query, headers={"Authorization": None, **headers})


def test_the_document_is_for_those_who_have_a_key(shop: Opened) -> None:
    walker = shop("discovery_needs_a_key")
    read(walker)
    walker.get("with a key", DOCUMENT)

    assert [step.status for step in walker.steps] == [401, 200]


def test_two_readings_differ_in_their_order_only(shop: Opened) -> None:
    walker = shop("discovery_never_the_same")
    first, second = (read(walker)["capabilities"]["supported_currencies"] for _ in range(2))

    assert first != second
    assert sorted(first) == sorted(second)


def test_a_reader_sees_the_own_locale(shop: Opened) -> None:
    walker = shop("discovery_by_language")
    german = read(walker, **{"Accept-Language": "de-DE,de;q=0.9"})
    plain = read(walker, **{"Accept-Language": "*"})

    assert german["capabilities"]["supported_locales"] == ["de-DE"]
    assert plain["capabilities"]["supported_locales"] == ["en-US"]


def test_a_merchant_id_leads_elsewhere(shop: Opened) -> None:
    walker = shop("discovery_by_merchant_id")

    assert read(walker, "?merchant_id=m_1")["api_base_url"].endswith("/m_1")
    assert not read(walker, "?merchant=m_1")["api_base_url"].endswith("/m_1")


def test_sessions_are_not_touched(shop: Opened) -> None:
    for fault in ("discovery_needs_a_key", "discovery_never_the_same", "discovery_by_language"):
        assert shop(fault).open("create", "candle")["status"] == "ready_for_payment"
