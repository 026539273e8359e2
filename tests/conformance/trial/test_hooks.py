"""Hooks: what the placeholders of a request are filled with."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx

from conformance.profile import Profile
from conformance.trial.hooks import Hooks
from conformance.wire.line import Limits, Line

URL = "https://shop.example/orders/{order_id}/ship"


async def test_placeholders_stand_in_address_values_and_names_and_numbers_stay_numbers():
    asked: list[httpx.Request] = []

    def shop(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    body = {"lines": {"{line_id}": "{units}"}, "note": "{units} of {line_id}"}
    profile = Profile({"version": "2026-04-17", "hooks": {"ship_part": {"url": URL, "body": body}}})
    async with httpx.AsyncClient(transport=httpx.MockTransport(shop)) as http:
        hooks = Hooks(profile, Line(http, Limits(), lambda: datetime(2026, 5, 6, tzinfo=UTC)))
        await hooks.run("ship_part", order_id="ord_1", line_id="li_1", units=2)
    assert str(asked[0].url) == "https://shop.example/orders/ord_1/ship"
    assert json.loads(asked[0].content) == {"lines": {"li_1": 2}, "note": "2 of li_1"}
