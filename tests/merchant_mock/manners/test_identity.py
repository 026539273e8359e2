"""Variations of what ids look like, and of the path below which the shop is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from acp.client import Client
from merchant_mock.app import DEMO_KEY
from merchant_mock.variations import variations
from tests.merchant_mock.manners.conftest import steps_of
from tests.merchant_mock.walk import CAPABLE, shop_on_the_way


@pytest.mark.parametrize(
    ("name", "looks"),
    [
        ("uuid_ids", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("numeric_ids", r"[0-9]+"),
        ("long_ids", r"[a-z]+:2026~shop\.[0-9a-f]{96}"),
    ],
)
def test_sessions_and_orders_have_ids_of_another_shape_and_tokens_do_not(name: str, looks: str, tmp_path: Path) -> None:
    steps = steps_of(tmp_path, name, "purchase")
    done = steps["purchase complete"].document
    assert re.fullmatch(looks, done["id"])
    assert re.fullmatch(looks, done["order"]["id"])
    assert steps["purchase token"].document["id"].startswith("vt_")


def test_tokens_can_have_another_prefix_and_pay(tmp_path: Path) -> None:
    steps = steps_of(tmp_path, "tokens_of_another_prefix", "purchase")
    assert steps["purchase token"].document["id"].startswith("spt_")
    assert steps["purchase complete"].document["id"].startswith("cs_")
    assert steps["purchase complete"].document["status"] == "completed"


def test_below_another_base_path_there_is_a_shop_and_at_the_root_none(tmp_path: Path) -> None:
    with shop_on_the_way(tmp_path, variations(["another_base_path"])) as walker:
        told = walker.http.get("/.well-known/acp.json").json()["api_base_url"]
        wish = {"line_items": [{"id": "gift-card-50"}], "currency": "usd", "capabilities": CAPABLE}
        sent = {"Authorization": f"Bearer {DEMO_KEY}", "API-Version": "2026-04-17", "Idempotency-Key": "k"}
        assert walker.http.post("/checkout_sessions", json=wish, headers=sent).status_code == 404
        assert walker.http.get("/terms").status_code == 200
        with Client(told, DEMO_KEY, max_retries=0) as client:
            session = client.checkout_sessions.create(["gift-card-50"], "usd", CAPABLE)
            assert client.checkout_sessions.retrieve(session.id).id == session.id
            assert client.checkout_sessions.cancel(session.id).status == "canceled"
