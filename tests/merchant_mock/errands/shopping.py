"""Ordinary parts of the walk: a cart, a purchase, payments that need more, goods of every kind, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.merchant_mock.conftest import ADDRESSES
from tests.merchant_mock.walk import AUTHENTICATED, BUYER, CARD, Walker, allowance_for, id_of, part, total_of


@part
def discovery(walk: Walker) -> None:
    walk.get("document", "/.well-known/acp.json", headers={"Authorization": None, "API-Version": None})


@part
def cart(walk: Walker) -> None:
    session = walk.open("create", {"id": "mug-blue", "quantity": 2}, "candle", to=None)
    walk.see("retrieve", session)
    walk.update("address", session, fulfillment_details={"address": ADDRESSES["california"]}, buyer=BUYER)
    walk.update("quantity", session, line_items=[{"id": "mug-blue", "quantity": 3}])
    express = {"type": "shipping", "option_id": "ship-express", "item_ids": []}
    walk.update("express", session, selected_fulfillment_options=[express])
    walk.update("discount", session, discounts={"codes": ["SPRING"]})
    walk.update("clear", session, buyer=None)
    walk.see("look", session)
    trace = {"reason_code": "price_sensitivity", "trace_summary": "Too dear."}
    walk.cancel("cancel", session, {"intent_trace": trace})
    walk.see("canceled", session)
    walk.cancel("cancel again", session)
    walk.update("update canceled", session, line_items=[{"id": "soap"}])
    walk.pay("complete canceled", session, "vt_none")


@part
def refusals(walk: Walker) -> None:
    body = {"line_items": [{"id": "mug-blue"}], "currency": "usd", "capabilities": {}}
    new = "/checkout_sessions"
    walk.post("no credentials", new, body, headers={"Authorization": None})
    walk.post("wrong credentials", new, body, headers={"Authorization": "Bearer nobody"})
    walk.post("no version", new, body, headers={"API-Version": None})
    walk.post("strange version", new, body, headers={"API-Version": "2019-01-01"})
    walk.post("no key", new, body, key=None)
    walk.post("long key", new, body, key="k" * 256)
    walk.post("no body", new)
    walk.post("malformed", new, content=b'{"line_items": [')
    walk.post("duplicate member", new, content=b'{"currency": "usd", "currency": "eur"}')
    walk.post("text", new, body, headers={"Content-Type": "text/plain"})
    walk.post("no items", new, {**body, "line_items": []})
    walk.post("no currency", new, {k: v for k, v in body.items() if k != "currency"})
    walk.post("no capabilities", new, {k: v for k, v in body.items() if k != "capabilities"})
    walk.post("quantity 0", new, {**body, "line_items": [{"id": "mug-blue", "quantity": 0}]})
    walk.post("unknown item", new, {**body, "line_items": [{"id": "unicorn"}]})
    walk.post("unknown member", new, {**body, "surprise": True})
    walk.post("strange currency", new, {**body, "currency": "xyz"})
    for label, suffix in (("update", ""), ("complete", "/complete"), ("cancel", "/cancel")):
        walk.post(f"{label} unknown", f"{new}/cs_unknown{suffix}", {})
    walk.get("retrieve unknown", f"{new}/cs_unknown")
    walk.call("method", "DELETE", f"{new}/cs_unknown")
    session = walk.open("create", "candle")
    walk.see("retrieve", session)
    path = f"/checkout_sessions/{id_of(session)}"
    walk.get("retrieve without credentials", path, headers={"Authorization": None})
    walk.get("retrieve without version", path, headers={"API-Version": None})
    walk.post("update without key", path, {}, key=None)
    walk.post("update with a bad line", path, {"line_items": [{"quantity": 1}]})
    walk.post("complete without payment", f"{path}/complete", {})
    walk.post("cancel with a bad trace", f"{path}/cancel", {"intent_trace": {"reason_code": 7}})
    walk.cancel("cancel in a strange version", session, headers={"API-Version": "1999-01-01"})
    walk.see("unchanged", session)


@part
def idempotency(walk: Walker) -> None:
    body = {"line_items": [{"id": "soap", "quantity": 2}], "currency": "usd", "capabilities": {}, "buyer": BUYER}
    first = walk.post("create", "/checkout_sessions", body, key="idem-create")
    walk.post("create again", "/checkout_sessions", body, key="idem-create")
    walk.post("create reordered", "/checkout_sessions", dict(reversed(body.items())), key="idem-create")
    walk.post("create with another body", "/checkout_sessions", {**body, "currency": "eur"}, key="idem-create")
    walk.post("create with another key", "/checkout_sessions", body, key="idem-CREATE")
    path = f"/checkout_sessions/{id_of(first)}"
    address = {"fulfillment_details": {"address": ADDRESSES["oregon"]}}
    walk.post("update", path, address, key="idem-update")
    walk.post("update more", path, {"line_items": [{"id": "soap", "quantity": 4}]})
    walk.post("update again", path, address, key="idem-update")
    walk.post("update with the key of the create", path, address, key="idem-create")
    walk.see("look", first)
    walk.post("refused", "/checkout_sessions", {**body, "line_items": [{"id": "unicorn"}]}, key="idem-refused")
    walk.post("refused again", "/checkout_sessions", {**body, "line_items": [{"id": "unicorn"}]}, key="idem-refused")
    session = walk.open("create for payment", "candle")
    token = walk.mint("token", session)
    walk.pay("complete", session, token, key="idem-pay")
    walk.events("order")
    walk.pay("complete again", session, token, key="idem-pay")
    walk.pay("complete with another body", session, token, key="idem-pay", order_notes="ring twice")
    walk.events("no second order")
    other = walk.open("create to cancel", "candle")
    walk.cancel("cancel", other, key="idem-cancel")
    walk.cancel("cancel again", other, key="idem-cancel")


@part
def purchase(walk: Walker) -> None:
    done = walk.buy({"id": "mug-blue", "quantity": 2}, "book-knots", buyer=BUYER)
    walk.see("retrieve", done)
    walk.pay("complete again", done, "vt_other")
    walk.update("update completed", done, line_items=[{"id": "soap"}])
    walk.cancel("cancel completed", done)
    walk.see("unchanged", done)


@part
def declines(walk: Walker) -> None:
    session = walk.open("create", "candle")
    walk.pay("declined", session, walk.mint("bad card", session, "4000000000000002"))
    walk.see("retrieve", session)
    walk.pay("unknown token", session, "vt_unknown")
    walk.pay("paid", session, walk.mint("good card", session))
    walk.events("order")
    poor = walk.open("create poor", "candle")
    walk.pay("insufficient", poor, walk.mint("poor card", poor, "4000000000009995"))
    cash = {
        "handler_id": "handler_cash",
        "instrument": {"type": "card", "credential": {"type": "spt", "token": "vt_1"}},
    }
    walk.post("unknown handler", f"/checkout_sessions/{id_of(poor)}/complete", {"payment_data": cash})


@part
def authentication(walk: Walker) -> None:
    session = walk.open("create", "candle")
    token = walk.mint("token", session, "4000000000003220")
    walk.pay("asked for 3ds", session, token)
    walk.see("retrieve", session)
    walk.pay("without result", session, token)
    walk.pay("denied", session, token, authentication_result={"outcome": "denied"})
    walk.see("after denial", session)
    walk.pay("authenticated", session, token, authentication_result=AUTHENTICATED)
    walk.events("order")
    always = walk.open("create always", "telescope-3ds", to="oregon")
    walk.pay("asked always", always, walk.mint("token always", always))
    unable = walk.open("create unable", "telescope-3ds", capabilities={})
    walk.pay("asked unable", unable, walk.mint("token unable", unable))


@part
def waiting(walk: Walker) -> None:
    for item in ("brandy-adults-only", "coffee-pallet", "compass-engraved", "stool-made-to-order"):
        session = walk.open(f"create {item}", item)
        walk.pay(f"complete {item}", session, "vt_none")
    session = walk.open("create slow", "candle")
    walk.pay("slow", session, walk.mint("token", session, "4000000000000259"))
    walk.see("in progress", session)
    walk.cancel("cancel in progress", session)
    walk.house.clock.advance(timedelta(seconds=5))
    walk.catch_up()
    walk.see("settled", session)
    walk.events("order")


@part
def goods(walk: Walker) -> None:
    walk.open("sold out", "clock-sold-out")
    walk.open("few left", {"id": "blanket-few-left", "quantity": 2})
    walk.open("too many", {"id": "notebook-two-per-order", "quantity": 3})
    walk.open("overseas", "candle", to="germany")
    walk.open("remote", "bookcase-oak", to="alaska")
    walk.open("euros", "mug-blue", to="hamburg", currency="eur")
    walk.open("yen", "mug-blue", "book-knots", to="japan", currency="jpy")
    walk.open("collected", "firewood-pickup", "candle", to="portland")
    walk.open("mixed", "candle", "ebook-knots", "bookcase-oak", to="new york", buyer=BUYER)
    walk.open("without e-mail", "licence-photo", to=None)
    walk.buy("gift-card-50", to=None, buyer=BUYER)


@part
def tokens(walk: Walker) -> None:
    session = walk.open("create", "candle")
    terms: list[tuple[str, dict[str, Any]]] = [
        ("too small", {"max_amount": total_of(session) - 1}),
        ("other currency", {"currency": "eur"}),
        ("other merchant", {"merchant_id": "merchant_other"}),
        ("other session", {"checkout_session_id": "cs_other"}),
        ("past", {"expires_at": "2020-01-01T00:00:00Z"}),
        ("zero", {"max_amount": 0}),
        ("strange reason", {"reason": "subscription"}),
    ]
    for label, allowance in terms:
        token = walk.mint(f"token {label}", session, **allowance)
        if "id" in token:
            walk.pay(f"complete {label}", session, token)
    short = walk.mint("token short", session, expires_at=(walk.house.clock() + timedelta(minutes=5)).isoformat())
    walk.house.clock.advance(timedelta(minutes=6))
    walk.pay("complete after expiry", session, short)
    body = {"payment_method": CARD, "allowance": allowance_for(walk, session), "billing_address": ADDRESSES["oregon"]}
    walk.mint_raw("token", body, key="idem-token")
    walk.mint_raw("token again", body, key="idem-token")
    walk.mint_raw("token with another body", body | {"metadata": {}}, key="idem-token")
    walk.mint_raw("no key", body, key=None)
    walk.mint_raw("no credentials", body, headers={"Authorization": None})
    walk.mint_raw("no version", body, headers={"API-Version": None})
    walk.mint_raw("bad number", body | {"payment_method": CARD | {"number": "4242424242424241"}})
    walk.mint_raw("bad month", body | {"payment_method": CARD | {"exp_month": "13"}})
    walk.mint_raw("no allowance", {"payment_method": CARD})
    walk.mint_raw("no risk signals", body | {"risk_signals": []})
    walk.mint_raw("unknown member", body | {"surprise": 1})
    spent = walk.mint("token for two", session)
    walk.pay("complete", session, spent)
    walk.events("order")
    other = walk.open("create second", "candle")
    walk.pay("complete with a spent token", other, spent)


@part
def events(walk: Walker) -> None:
    walk.receiver.answers.extend([500])
    walk.buy("candle", buyer=BUYER)
    walk.house.clock.advance(timedelta(hours=2))
    walk.events("after a failure")


@part
def expiry(walk: Walker) -> None:
    session = walk.open("create", "candle")
    walk.house.clock.advance(timedelta(hours=7))
    walk.see("expired", session)
    walk.update("update expired", session, line_items=[{"id": "soap"}])
    walk.pay("complete expired", session, "vt_none")
    walk.cancel("cancel expired", session)
