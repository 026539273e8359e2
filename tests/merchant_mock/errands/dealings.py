"""Parts of the walk: delivery chosen, capabilities declared, odd payments, 3-D Secure, reasons and affiliates."""

from __future__ import annotations

from typing import Any

from tests.merchant_mock.conftest import ADDRESSES
from tests.merchant_mock.walk import AUTHENTICATED, BUYER, Walker, id_of, part


@part
def readers(walk: Walker) -> None:
    nobody: dict[str, str | None] = {"Authorization": None, "API-Version": None}
    for label, query in (("first", ""), ("second", ""), ("of a merchant", "?merchant_id=merchant_quillmoor")):
        walk.get(label, f"/.well-known/acp.json{query}", headers=nobody)
    walk.get("German", "/.well-known/acp.json", headers={**nobody, "Accept-Language": "de-DE,de;q=0.9"})


@part
def choices(walk: Walker) -> None:
    contact = {"name": "Ada Moor", "phone_number": "15035550100", "email": "ada@example.com"}
    details = {**contact, "address": ADDRESSES["oregon"]}
    mixed = walk.open("create", "candle", "ebook-knots", fulfillment_details=details)
    lines = [line["id"] for line in mixed.get("line_items", [])]
    express = {"type": "shipping", "option_id": "ship-express", "item_ids": lines[:1]}
    download = {"type": "digital", "option_id": "download", "item_ids": lines[1:]}
    walk.update("two options", mixed, selected_fulfillment_options=[express, download])
    group = {"id": "g1", "item_ids": lines[:1], "destination_type": "shipping"}
    walk.update("groups", mixed, fulfillment_groups=[group])
    walk.update("unknown option", mixed, selected_fulfillment_options=[{**express, "option_id": "ship-by-owl"}])
    walk.see("after an unknown option", mixed)
    bare = {"type": "shipping", "option_id": "ship-express"}
    walk.update("without items", mixed, selected_fulfillment_options=[bare])
    walk.update("alaska", mixed, fulfillment_details={"address": ADDRESSES["alaska"]})
    single = walk.open("create single", {"id": "mug-blue", "quantity": 2}, to="california")
    walk.update("express", single, selected_fulfillment_options=[{**express, "item_ids": []}])
    walk.update("express to alaska", single, fulfillment_details={"address": ADDRESSES["alaska"]})
    walk.open("near the store", "candle", to="portland")
    repaired = walk.open("too many", {"id": "notebook-two-per-order", "quantity": 3})
    walk.update("fewer", repaired, line_items=[{"id": "notebook-two-per-order", "quantity": 2}])
    walk.open("downloads", "ebook-knots", to=None)


@part
def agents(walk: Walker) -> None:
    settings = {"display_context": "webview", "redirect_context": "in_app", "max_redirects": 1}
    able = ["3ds", "biometric", "address_verification"]
    asked: list[tuple[str, dict[str, Any]]] = [
        ("nothing", {}),
        ("everything", {"interventions": {"supported": able}}),
        ("settings", {"interventions": {"supported": ["3ds"], **settings}}),
        ("future intervention", {"interventions": {"supported": ["3ds", "x_future_check"]}}),
        ("future member", {"interventions": {"supported": []}, "x_future": {"a": 1}}),
        ("extensions", {"extensions": ["com.example.unknown"]}),
    ]
    for label, capabilities in asked:
        walk.open(label, "candle", capabilities=capabilities)
    unable = walk.open("unable", "telescope-3ds", capabilities={"interventions": {"supported": []}})
    walk.pay("complete unable", unable, walk.mint("token unable", unable))


@part
def ways_to_pay(walk: Walker) -> None:
    def completing(label: str, data: dict[str, Any], instrument: dict[str, Any] | None = None, **members: Any) -> None:
        session = walk.open(f"create {label}", "soap")
        token = walk.mint(f"token {label}", session).get("id", "vt_missing")
        card = {"type": "card", "credential": {"type": "spt", "token": token}}
        paying = {"handler_id": "handler_card", "instrument": stated(card | (instrument or {})), **data}
        path = f"/checkout_sessions/{id_of(session)}/complete"
        walk.post(label, path, {"payment_data": stated(paying)} | members)
        walk.events(f"order {label}")

    def stated(members: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in members.items() if value is not None}

    nothing = {"handler_id": None, "instrument": None}
    completing("strange handler", {"handler_id": "handler_strange"})
    completing("strange instrument", {}, {"type": "x_coin"})
    completing("no credential", {}, {"credential": None})
    completing("empty payment data", nothing)
    completing("former payment data", {**nothing, "token": "vt_former", "provider": "quillmoor_pay"})
    completing("half a billing address", {"billing_address": {"name": "Ada Moor", "line_one": "1 Heather Row"}})
    completing("strange terms", {"payment_terms": "net_7"})
    completing("risk signals", {}, risk_signals={"ip_address": "203.0.113.7", "user_agent": "agent/1"})
    completing("notes", {}, order_notes="Ring twice")
    completing("strange consent", {}, marketing_consents=[{"channel": "x_unoffered", "opted_in": True}])
    completing("no to news", {}, marketing_consents=[{"channel": "email", "opted_in": False}], buyer=BUYER)
    completing("texts", {}, marketing_consents=[{"channel": "sms", "opted_in": True}], buyer=BUYER)
    walk.open("known buyer", "soap", buyer=BUYER)
    completing("half a consent", {}, marketing_consents=[{"channel": "email"}])
    session = walk.open("create without payment", "soap")
    walk.post("no payment data", f"/checkout_sessions/{id_of(session)}/complete", {"buyer": BUYER})
    instrument = {"type": "card", "credential": {"type": "spt", "token": "vt_1"}, "metadata": {"a": "b"}}
    with_metadata = {"handler_id": "handler_card", "instrument": instrument}
    walk.post("instrument metadata", f"/checkout_sessions/{id_of(session)}/complete", {"payment_data": with_metadata})
    homeless = walk.open("create homeless", "soap", to=None)
    walk.pay("not ready", homeless, walk.mint("token homeless", homeless))
    walk.see("still not ready", homeless)


@part
def outcomes(walk: Walker) -> None:
    details = AUTHENTICATED["outcome_details"]
    results: list[tuple[str, Any]] = [
        ("unknown outcome", {"outcome": "ok", "outcome_details": details}),
        ("unknown indicator", {**AUTHENTICATED, "outcome_details": {**details, "electronic_commerce_indicator": "09"}}),
        ("no details", {"outcome": "authenticated"}),
        ("canceled", {"outcome": "canceled"}),
    ]
    for label, result in results:
        session = walk.open(f"create {label}", "soap")
        token = walk.mint(f"token {label}", session, "5200000000003225")
        walk.pay(f"ask {label}", session, token)
        walk.pay(label, session, token, authentication_result=result)


@part
def reasons(walk: Walker) -> None:
    flat = {"a": "x", "b": 1, "c": True}
    traces: list[tuple[str, dict[str, Any]]] = [
        ("policy", {"reason_code": "returns_policy"}),
        ("future", {"reason_code": "future_reason_x"}),
        ("flags", {"reason_code": "other", "metadata": flat}),
        ("long", {"reason_code": "other", "trace_summary": "s" * 500}),
        ("too long", {"reason_code": "other", "trace_summary": "s" * 501}),
        ("nested", {"reason_code": "other", "metadata": {"a": {"b": 1}}}),
        ("empty", {}),
    ]
    for label, trace in traces:
        session = walk.open(f"create {label}", "soap")
        walk.cancel(f"cancel {label}", session, {"intent_trace": trace})
        walk.see(f"retrieve {label}", session)


@part
def affiliates(walk: Walker) -> None:
    claim = {"provider": "affiliate.example", "token": "tok_1", "touchpoint": "first"}
    session = walk.open("create", "soap", affiliate_attribution=claim)
    walk.see("retrieve", session)
    other = {"provider": "other.example", "token": "tok_2", "touchpoint": "last"}
    walk.pay("complete", session, walk.mint("token", session), affiliate_attribution=other)
    walk.events("order")
    claims: list[tuple[str, dict[str, Any]]] = [
        ("nobody", {"token": "tok_1"}),
        ("no proof", {"provider": "affiliate.example"}),
        ("nested", {**claim, "metadata": {"a": {"b": 1}}}),
        ("flags", {**claim, "metadata": {"a": "x", "b": 1, "c": True}}),
        ("placement", {**claim, "placement": "newsletter"}),
        ("address", {**claim, "metadata": {"user_email": "ada@example.com"}}),
        ("number", {**claim, "metadata": {"source": "+1 202 555 0143"}}),
    ]
    for label, claimed in claims:
        walk.open(label, "soap", affiliate_attribution=claimed)
    body = {"line_items": [{"id": "soap"}], "currency": "usd", "capabilities": {}}
    for label, claimed in (("keyed", claim), ("keyed by another", {**claim, "token": "tok_3"})):
        walk.post(label, "/checkout_sessions", {**body, "affiliate_attribution": claimed}, key="attributed")
