"""Members of an extension under a used key, at shops that have the discount extension."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from conformance.checks.idempotency_bodies import members_of_an_extension_make_another_request
from conformance.findings import Broken, NotApplicable
from tests.conformance.checks.shops import SESSION, trial

ACTIVE = {"capabilities": {"extensions": [{"name": "discount"}]}}


def keyed(compared: Callable[[dict[str, Any]], Any], **members: Any) -> Callable[[httpx.Request], httpx.Response]:
    """A shop that opens a session for each key, and refuses a used key for what is another body to it."""
    kept: dict[str, tuple[Any, dict[str, Any]]] = {}
    numbers = itertools.count(1)

    def answer(request: httpx.Request) -> httpx.Response:
        key, body = request.headers["idempotency-key"], compared(json.loads(request.content))
        first, session = kept.setdefault(key, (body, {**SESSION, **members, "id": f"cs_{next(numbers)}"}))
        if first != body:
            return httpx.Response(
                422, json={"type": "invalid_request", "code": "idempotency_conflict", "message": "No."}
            )
        return httpx.Response(201, json=session)

    return answer


async def test_a_shop_that_compares_discounts_is_right():
    await members_of_an_extension_make_another_request(trial(keyed(lambda body: body, **ACTIVE)))


async def test_a_shop_that_overlooks_discounts_is_found():
    def overlooking(body: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name != "discounts"}

    with pytest.raises(Broken, match="a create with another code was answered 201"):
        await members_of_an_extension_make_another_request(trial(keyed(overlooking, **ACTIVE)))


async def test_a_shop_without_the_extension_is_not_asked():
    with pytest.raises(NotApplicable, match="declares no discount extension"):
        await members_of_an_extension_make_another_request(trial(keyed(lambda body: body)))
