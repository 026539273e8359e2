"""Parts of the walk: requests of every shape, headers left out, keys in all their uses, and a shop that fails."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import orjson

from acp.errors import ServerFault
from merchant_mock.app import DEMO_KEY
from tests.merchant_mock.conftest import ADDRESSES
from tests.merchant_mock.walk import BUYER, CAPABLE, OTHER_KEY, Walker, id_of, part

NEW = "/checkout_sessions"
BODY = {"line_items": [{"id": "soap"}], "currency": "usd", "capabilities": {}}


@part
def shapes(walk: Walker) -> None:
    walk.open("minimal", "soap", to=None, capabilities={})
    walk.open("buyer", "soap", to=None, buyer=BUYER)
    walk.open("locale", "soap", locale="en-US", timezone="America/New_York", metadata={"a": "1"})
    walk.post("no line items", NEW, {name: BODY[name] for name in ("currency", "capabilities")})
    walk.post("empty line items", NEW, {**BODY, "line_items": []})
    walk.post("line without id", NEW, {**BODY, "line_items": [{"quantity": 1}]})
    walk.post("line items an object", NEW, {**BODY, "line_items": {"id": "soap"}})
    walk.post("last byte missing", NEW, content=orjson.dumps(BODY)[:-1])
    walk.post("coupons a string", NEW, {**BODY, "coupons": "SPRING"})
    walk.post("buyer without e-mail", NEW, {**BODY, "buyer": {"first_name": "Ada", "last_name": "Moor"}})
    walk.post("bad e-mail", NEW, {**BODY, "buyer": {**BUYER, "email": "not-an-email"}})
    walk.open("notes", "soap", order_notes="n" * 5000)
    walk.post("long notes", NEW, {**BODY, "order_notes": "n" * 5001})
    nowhere = {name: value for name, value in ADDRESSES["oregon"].items() if name != "city"}
    walk.post("address without city", NEW, {**BODY, "fulfillment_details": {"address": nowhere}})
    company = {**ADDRESSES["oregon"], "company": "Moor and Daughters"}
    walk.post("company", NEW, {**BODY, "fulfillment_details": {"address": company}})
    session = walk.open("create", "soap", buyer=BUYER)
    walk.update("buyer alone", session, buyer={**BUYER, "email": "ada@moor.example"})
    walk.update("options a string", session, selected_fulfillment_options="x")
    walk.update("notes", session, order_notes="Ring twice.")
    walk.see("retrieve", session)


@part
def payments(walk: Walker) -> None:
    session = walk.open("create", "soap")
    path = f"{NEW}/{id_of(session)}/complete"
    token = walk.mint("token", session)
    credential = {"type": "spt", "token": token.get("id", "vt_missing")}
    card = {"handler_id": "handler_card", "instrument": {"type": "card", "credential": credential}}
    walk.post("unknown terms", path, {"payment_data": {**card, "payment_terms": "net_7"}})
    nowhere = {name: value for name, value in ADDRESSES["oregon"].items() if name != "postal_code"}
    walk.post("broken billing address", path, {"payment_data": {**card, "billing_address": nowhere}})
    walk.post("no credential", path, {"payment_data": {**card, "instrument": {"type": "card"}}})
    walk.post("empty payment data", path, {"payment_data": {}})
    walk.post("no payment data", path, {"buyer": BUYER})
    walk.post("purchase order", path, {"payment_data": {"purchase_order_number": "PO-1001"}})
    walk.post("nobody's session", f"{NEW}/cs_{'0' * 32}/complete", {"payment_data": card})
    signals = {"ip_address": "203.0.113.9", "user_agent": "agent/1"}
    walk.post("paid", path, {"payment_data": card, "risk_signals": signals})
    walk.events("order")
    walk.see("retrieve", session)


@part
def headers(walk: Walker) -> None:
    walk.post("no Request-Id", NEW, BODY, headers={"Request-Id": None})
    walk.post("Accept-Language", NEW, BODY, headers={"Accept-Language": "en-US"})
    walk.post("no Accept-Language", NEW, BODY, headers={"Accept-Language": None})
    walk.post("no User-Agent", NEW, BODY, headers={"User-Agent": None})
    walk.post("charset", NEW, BODY, headers={"Content-Type": "application/json; charset=utf-8"})
    walk.post("long key", NEW, BODY, key="k" * 255)
    walk.post("UUID", NEW, BODY, key="0d5b2a1e-6c1f-4a86-9a52-1f6b0a3c9d77")
    session = walk.open("create", "soap")
    walk.cancel("cancel with an empty body", session, {})
    other = walk.open("create other", "soap")
    walk.cancel("cancel without a body", other)


@part
def strangers(walk: Walker) -> None:
    session = walk.open("create", "soap")
    path = f"{NEW}/{id_of(session)}"
    for sent, value in (("no credentials", None), ("wrong credentials", "Bearer nobody")):
        bare = {"Authorization": value}
        walk.post(f"create with {sent}", NEW, BODY, headers=bare)
        walk.get(f"retrieve with {sent}", path, headers=bare)
        walk.post(f"update with {sent}", path, {"buyer": BUYER}, headers=bare)
        walk.pay(f"complete with {sent}", session, "vt_none", headers=bare)
        walk.cancel(f"cancel with {sent}", session, headers=bare)
    walk.post("create under another scheme", NEW, BODY, headers={"Authorization": f"Basic {DEMO_KEY}"})
    walk.see("unchanged", session)


@part
def keyless(walk: Walker) -> None:
    session = walk.open("create", "soap")
    walk.post("create without key", NEW, BODY, key=None)
    walk.post("create with a key", NEW, BODY)
    walk.post("create with an empty key", NEW, BODY, key="")
    walk.post("update without key", f"{NEW}/{id_of(session)}", {"buyer": BUYER}, key=None)
    walk.pay("complete without key", session, "vt_none", key=None)
    walk.see("unchanged", session)
    walk.cancel("cancel without key", session, key=None)
    walk.see("still open", session)


@part
def equivalence(walk: Walker) -> None:
    pairs: list[tuple[str, bytes, bytes]] = [
        ("whitespace", orjson.dumps(BODY), orjson.dumps(BODY, option=orjson.OPT_INDENT_2)),
        ("order", orjson.dumps(BODY), orjson.dumps(dict(reversed(BODY.items())))),
        ("numbers", *(orjson.dumps({**BODY, "metadata": {"n": n}}) for n in (1, 1.0))),
        ("escapes", *(json.dumps({**BODY, "metadata": {"t": "é"}}, ensure_ascii=ascii).encode()
                      for ascii in (False, True))),
        ("arrays", *(orjson.dumps({**BODY, "capabilities": {"interventions": {"supported": known}}})
                     for known in (["3ds", "address_verification"], ["address_verification", "3ds"]))),
        ("nulls", *(orjson.dumps({**BODY, "metadata": {"a": 1} | more}) for more in ({}, {"b": None}))),
        ("metadata", *(orjson.dumps({**BODY, "metadata": {"n": n}}) for n in (1, 2))),
    ]  # fmt: skip
    for name, first, second in pairs:
        walk.post(f"{name} first", NEW, content=first, key=f"equal-{name}")
        walk.post(f"{name} second", NEW, content=second, key=f"equal-{name}")
    same_id = {"Request-Id": "one"}
    walk.post("headers first", NEW, BODY, key="equal-headers", headers=same_id)
    walk.post("headers second", NEW, BODY, key="equal-headers", headers=same_id)
    walk.post("headers third", NEW, BODY, key="equal-headers", headers={"Request-Id": "two"})


@part
def retries(walk: Walker) -> None:
    session = walk.post("create", NEW, BODY, key="retry-create")
    path = f"{NEW}/{id_of(session)}"
    walk.post("create again", NEW, BODY, key="retry-create")
    walk.post("update", path, {"buyer": BUYER}, key="retry-update")
    walk.house.clock.advance(timedelta(seconds=30))
    walk.post("update again", path, {"buyer": BUYER}, key="retry-update")
    walk.cancel("cancel", session, key="retry-cancel")
    walk.cancel("cancel again", session, key="retry-cancel")
    walk.post("create once more", NEW, BODY, key="retry-create")
    for label in ("refused", "refused again"):
        walk.post(label, NEW, {**BODY, "currency": "xyz"}, key="retry-refused")
    paid = walk.open("create for payment", "soap")
    token = walk.mint("token", paid)
    walk.pay("complete", paid, token, key="retry-complete")
    walk.events("order")
    walk.pay("complete again", paid, token, key="retry-complete")
    walk.events("no other order")


@part
def conflicts(walk: Walker) -> None:
    session = walk.post("create", NEW, BODY, key="conflict-create")
    for label in ("create with more", "create with more again"):
        walk.post(label, NEW, {**BODY, "buyer": BUYER}, key="conflict-create")
    walk.post("create as at first", NEW, BODY, key="conflict-create")
    path = f"{NEW}/{id_of(session)}"
    walk.post("update", path, {"buyer": BUYER}, key="conflict-update")
    walk.post("other update", path, {"line_items": [{"id": "candle"}]}, key="conflict-update")
    walk.see("look", session)
    walk.post("update with the key of the create", path, {"buyer": BUYER}, key="conflict-create")
    other = {"Authorization": f"Bearer {OTHER_KEY}"}
    walk.post("create by another agent", NEW, BODY, key="conflict-create", headers=other)
    walk.post("other create by another agent", NEW, {**BODY, "buyer": BUYER}, key="conflict-update", headers=other)
    walk.post("create under its key", NEW, BODY, key="conflict-update")
    walk.get("retrieve by another agent", path, headers=other)
    walk.cancel("cancel", session, key="conflict-cancel")
    trace = {"intent_trace": {"reason_code": "price_sensitivity"}}
    walk.cancel("other cancel", session, trace, key="conflict-cancel")
    walk.cancel("cancel of another", walk.open("create another", "soap"), key="conflict-cancel")
    paid = walk.open("create for payment", "soap")
    token = walk.mint("token", paid)
    walk.pay("complete", paid, token, key="conflict-complete")
    walk.events("order")
    walk.pay("other complete", paid, token, key="conflict-complete", buyer={**BUYER, "first_name": "Eda"})


@part
def races(walk: Walker) -> None:
    with ThreadPoolExecutor(1) as others:
        with held(walk) as (started, open_gate):
            first = others.submit(walk.post, "first create", NEW, BODY, key="race-create")
            started.wait(5)
            walk.post("create in flight", NEW, BODY, key="race-create")
            session = _after(first, open_gate)
        walk.post("create again", NEW, BODY, key="race-create")
        path = f"{NEW}/{id_of(session)}"
        with held(walk) as (started, open_gate):
            first = others.submit(walk.post, "first update", path, {"buyer": BUYER}, key="race-update")
            started.wait(5)
            walk.post("update in flight", path, {"buyer": BUYER}, key="race-update")
            _after(first, open_gate)
        walk.post("update again", path, {"buyer": BUYER}, key="race-update")


@part
def failures(walk: Walker) -> None:
    away = {"status": 503, "type": "service_unavailable", "code": "maintenance"}
    for label, terms in (("failed", {}), ("away", away)):
        with failing(walk, lambda terms=terms: ServerFault("The shop failed.", **terms)):  # type: ignore[misc]
            walk.post(label, NEW, BODY, key=f"failure-{label}")
        walk.post(f"{label} again", NEW, BODY, key=f"failure-{label}")


@part
def retention(walk: Walker) -> None:
    walk.post("create", NEW, BODY, key="kept")
    session = walk.open("create to look at", "soap")
    for label, later in (
        ("minutes", timedelta(minutes=3)),
        ("hours", timedelta(hours=2)),
        ("half a day", timedelta(hours=11)),
    ):
        walk.house.clock.advance(later)
        walk.post(f"after {label}", NEW, BODY, key="kept")
        walk.see(f"look after {label}", session)
    walk.house.clock.advance(timedelta(hours=12))
    walk.post("another body after a day", NEW, {**BODY, "capabilities": CAPABLE}, key="kept")


@contextmanager
def held(walk: Walker, house: str = "shop", does: str = "price") -> Iterator[tuple[threading.Event, threading.Event]]:
    """While the block runs the first thing to do waits for the second event; the first event says that it does."""
    doer: Any = getattr(walk.house, house)
    do: Callable[..., Any] = getattr(doer, does)
    started, open_gate = threading.Event(), threading.Event()

    async def slow(*asked: Any) -> Any:
        if not started.is_set():
            started.set()
            while not open_gate.is_set():
                await asyncio.sleep(0.01)
        return await do(*asked)

    setattr(doer, does, slow)
    try:
        yield started, open_gate
    finally:
        open_gate.set()
        delattr(doer, does)


@contextmanager
def failing(walk: Walker, failure: Callable[[], Exception], house: str = "shop", does: str = "price") -> Iterator[None]:
    """While the block runs the house fails in what it does; unless told otherwise nothing can be priced."""
    doer: Any = getattr(walk.house, house)

    async def fail(*asked: Any) -> Any:
        raise failure()

    setattr(doer, does, fail)
    try:
        yield
    finally:
        delattr(doer, does)


def _after(first: Future[Any], open_gate: threading.Event) -> Any:
    open_gate.set()
    return first.result(10)
