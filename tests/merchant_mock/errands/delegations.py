"""Parts of the walk in which tokens are asked for: every member wrong once, keys used again, narrow allowances."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import orjson

from acp.errors import ServerFault
from merchant_mock.app import DEMO_KEY
from merchant_mock.scenarios.scenario import HEADER
from merchant_mock.wire.edits import Edit, edited
from tests.merchant_mock.conftest import ADDRESSES
from tests.merchant_mock.errands.requests import failing, held
from tests.merchant_mock.walk import CARD, OTHER_KEY, Walker, allowance_for, part, total_of

PATH = "/agentic_commerce/delegate_payment"
CHECKED = CARD | {"iin": "424242", "checks_performed": ["avs", "cvv"], "virtual": False}


def _put(at: str, value: Any) -> Sequence[Edit]:
    return [{"at": at, "put": value}]


def _drop(at: str) -> Sequence[Edit]:
    return [{"at": at, "drop": True}]


WRONG: Mapping[str, Sequence[Edit]] = {
    "no risk signals": _drop("$.risk_signals"),
    "no metadata": _drop("$.metadata"),
    "metadata of numbers": _put("$.metadata.campaign", 5),
    "no funding type": _drop("$.payment_method.display_card_funding_type"),
    "no card metadata": _drop("$.payment_method.metadata"),
    "bank account": _put("$.payment_method.type", "bank_account"),
    "card number type dpan": _put("$.payment_method.card_number_type", "dpan"),
    "number as number": _put("$.payment_method.number", 4242424242424242),
    "funding type charge": _put("$.payment_method.display_card_funding_type", "charge"),
    "virtual as text": [{"at": "$.payment_method", "add": {"virtual": "no"}}],
    "month thirteen": _put("$.payment_method.exp_month", "13"),
    "year of two digits": _put("$.payment_method.exp_year", "27"),
    "code of five digits": _put("$.payment_method.cvc", "12345"),
    "iin of nine digits": _put("$.payment_method.iin", "424242424"),
    "unknown check": _put("$.payment_method.checks_performed", ["pin"]),
    "two last digits": _put("$.payment_method.display_last4", "42"),
    "eci of three characters": [{"at": "$.payment_method", "add": {"eci_value": "005"}}],
    "brand as number": _put("$.payment_method.display_brand", 7),
    "no postal code": _drop("$.billing_address.postal_code"),
    "long line one": _put("$.billing_address.line_one", "1" * 61),
    "country of three letters": _put("$.billing_address.country", "USA"),
    "no merchant": _drop("$.allowance.merchant_id"),
    "no expiry": _drop("$.allowance.expires_at"),
    "reason recurring": _put("$.allowance.reason", "recurring"),
    "amount with a fraction": _put("$.allowance.max_amount", 20.5),
    "currency in upper case": _put("$.allowance.currency", "USD"),
    "long merchant": _put("$.allowance.merchant_id", "m" * 257),
    "expiry tomorrow": _put("$.allowance.expires_at", "tomorrow"),
    "session as number": _put("$.allowance.checkout_session_id", 17),
    "no score": _drop("$.risk_signals[0].score"),
    "risk type velocity": _put("$.risk_signals[0].type", "velocity"),
    "score as share": _put("$.risk_signals[0].score", 0.5),
    "risk action allow": _put("$.risk_signals[0].action", "allow"),
}
"""What has to be refused, by what is wrong with it."""

RIGHT: Mapping[str, Sequence[Edit]] = {
    "no billing address": _drop("$.billing_address"),
    "an empty second line": [{"at": "$.billing_address", "add": {"line_two": ""}}],
    "no virtual": _drop("$.payment_method.virtual"),
    "iin of eight digits": _put("$.payment_method.iin", "42424242"),
    "risk signals of none": _put("$.risk_signals", []),
}
"""What has to be taken although it is unusual."""


def _whole(walk: Walker, session: Any) -> dict[str, Any]:
    return {
        "payment_method": CHECKED,
        "allowance": allowance_for(walk, session),
        "billing_address": ADDRESSES["oregon"],
        "risk_signals": [{"type": "card_testing", "score": 10, "action": "manual_review"}],
        "metadata": {"campaign": "spring"},
    }


@part
def delegation(walk: Walker) -> None:
    session = walk.open("create", "candle")
    body = _whole(walk, session)
    for label, edits in {**RIGHT, **WRONG}.items():
        walk.post(label, PATH, edited(body, edits))
    walk.post("broken", PATH, content=b"{")
    walk.post("text", PATH, body, headers={"Content-Type": "text/plain"})
    walk.post("wrong credentials", PATH, body, headers={"Authorization": "Bearer nobody"})
    walk.post("no credentials", PATH, body, headers={"Authorization": None})
    walk.post("no version", PATH, body, headers={"API-Version": None})
    walk.post("no key", PATH, body, key=None)
    walk.post("strange version", PATH, body, headers={"API-Version": "1999-01-01"})
    walk.post("no optional headers", PATH, body, headers={"Request-Id": None, "User-Agent": None})
    walk.post("one too many", PATH, body, headers={HEADER: "rate_limited"})
    walk.post("bad number", PATH, edited(body, _put("$.payment_method.number", "4242424242424241")))


@part
def delegation_keys(walk: Walker) -> None:
    cart = {"line_items": [{"id": "candle"}], "currency": "usd", "capabilities": {}}
    session = walk.post("create", "/checkout_sessions", cart, key="shared-with-checkout")
    body = _whole(walk, session)
    less = edited(body, [{"at": "$.allowance.max_amount", "plus": -1}])
    walk.post("key of the session", PATH, body, key="shared-with-checkout")
    for label, key in (("empty key", ""), ("uuid key", "0d9cc6a8-3f0c-4a7e-9f6d-3a5d0f2f6b11")):
        walk.post(label, PATH, body, key=key)
    walk.post("longest key", PATH, body, key="k" * 255)
    walk.post("longer key", PATH, body, key="x" * 256)
    walk.post("first", PATH, body, key="retried")
    walk.post("again", PATH, body, key="retried")
    walk.post("in another order", PATH, dict(reversed(body.items())), key="retried")
    walk.post(
        "with a decimal point", PATH, edited(body, [{"at": "$.allowance.max_amount", "as": "number"}]), key="retried"
    )
    walk.post("with another id", PATH, body, key="retried", headers={"Request-Id": "another"})
    walk.post(
        "checks reversed", PATH, edited(body, _put("$.payment_method.checks_performed", ["cvv", "avs"])), key="retried"
    )
    walk.post("less", PATH, less, key="retried")
    walk.post("after the conflict", PATH, body, key="retried")
    bare = {name: value for name, value in body.items() if name != "billing_address"}
    walk.post("without address", PATH, bare, key="null")
    walk.post("with a null for it", PATH, bare | {"billing_address": None}, key="null")
    bad = edited(body, _put("$.payment_method.exp_month", "13"))
    walk.post("refused", PATH, bad, key="refused")
    walk.post("refused again", PATH, bad, key="refused")
    for n in range(3):
        walk.post(f"key {n}", PATH, body, key=f"one-of-many-{n}")
    walk.post("key 0 again", PATH, body, key="one-of-many-0")
    _race(walk, body)


@part
def delegation_failures(walk: Walker) -> None:
    session = walk.open("create", "candle")
    body = _whole(walk, session)
    away = {"status": 503, "type": "service_unavailable", "code": "maintenance"}
    for label, terms in (("failed", {}), ("away", away)):
        with failing(walk, partial(ServerFault, "The vault failed.", **terms), "payments", "vault"):
            walk.post(label, PATH, body, key=f"vault-{label}")
        walk.post(f"{label} again", PATH, body, key=f"vault-{label}")
    with ThreadPoolExecutor(1) as others, held(walk, "payments", "vault") as (started, open_gate):
        first = others.submit(walk.post, "first", PATH, body, key="vault-held")
        started.wait(5)
        walk.post("in flight", PATH, body, key="vault-held")
        open_gate.set()
        first.result(10)


@part
def delegation_retention(walk: Walker) -> None:
    session = walk.open("create", "candle")
    body = _whole(walk, session) | {"allowance": allowance_for(walk, session) | {"expires_at": "2027-01-01T00:00:00Z"}}
    walk.post("first", PATH, body, key="kept")
    walk.post("by another agent", PATH, body, key="kept", headers={"Authorization": f"Bearer {OTHER_KEY}"})
    walk.house.clock.advance(timedelta(hours=23))
    walk.post("almost a day later", PATH, body, key="kept")
    walk.house.clock.advance(timedelta(days=2))
    walk.post("another body", PATH, body | {"metadata": {}}, key="kept")


def _race(walk: Walker, body: Any) -> None:
    """Send the same call five times at once, and keep how many different tokens and errors of the server came of it."""
    headers = {
        "Authorization": f"Bearer {DEMO_KEY}",
        "API-Version": "2026-04-17",
        "Content-Type": "application/json",
        "Idempotency-Key": "raced",
    }

    def ask(_: int) -> httpx.Response:
        return walk.http.post(PATH, content=orjson.dumps(body), headers=headers)

    with ThreadPoolExecutor(5) as pool:
        came = list(pool.map(ask, range(5)))
    tokens = {answer.json()["id"] for answer in came if answer.status_code < 300}
    failed = any(answer.status_code >= 500 for answer in came)
    walk.note("race", {"tokens": len(tokens), "failed": failed})


@part
def allowances(walk: Walker) -> None:
    bounds: Mapping[str, Callable[[int], dict[str, Any]]] = {
        "exactly": lambda price: {"max_amount": price},
        "one less": lambda price: {"max_amount": price - 1},
        "five percent less": lambda price: {"max_amount": price * 95 // 100},
        "other currency": lambda price: {"currency": "eur"},
        "other merchant": lambda price: {"merchant_id": "merchant_other"},
        "other session": lambda price: {"checkout_session_id": "cs_other"},
    }
    for label, bound in bounds.items():
        session = walk.open(f"create {label}", "candle")
        walk.pay(f"complete {label}", session, walk.mint(f"token {label}", session, **bound(total_of(session))))
    late = walk.open("create late", "candle")
    short = walk.mint("token late", late, expires_at=(walk.house.clock() + timedelta(minutes=5)).isoformat())
    walk.house.clock.advance(timedelta(minutes=6))
    walk.pay("complete late", late, short)
    first, second = walk.open("create first", "candle"), walk.open("create second", "candle")
    token = walk.mint("token first", first)
    walk.pay("complete first", first, token)
    walk.pay("complete second", second, token)
    walk.events("orders")
