"""Errands that the walk has no reason for, and where each variation is seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.merchant_mock.walk import BUYER, CARD, Walker, id_of

NEW = "/checkout_sessions"

SHORT = ("discovery", "cart", "refusals", "purchase")
"""The parts of the walk in which most variations are seen."""


def named_interventions(walk: Walker) -> None:
    walk.open("create", "candle", capabilities={"interventions": {"supported": ["3ds", "palmistry"]}})


def purchase_order(walk: Walker) -> None:
    session = walk.open("create", "candle", buyer=BUYER)
    pay(walk, session, {"purchase_order_number": "PO-77"})
    walk.events("order")


def old_payment(walk: Walker) -> None:
    session = walk.open("create", "candle", buyer=BUYER)
    pay(walk, session, {"token": walk.mint("token", session)["id"], "provider": "stripe"})


def pay(walk: Walker, session: Any, data: Any) -> Any:
    return walk.post("pay", f"{NEW}/{id_of(session)}/complete", {"payment_data": data})


def two_cancels(walk: Walker) -> None:
    session = walk.open("create", "candle")
    walk.cancel("cancel", session, key="twice")
    walk.cancel("cancel otherwise", session, {"intent_trace": {"reason_code": "other"}}, key="twice")


def strange_reason(walk: Walker) -> None:
    walk.cancel("cancel", walk.open("create", "candle"), {"intent_trace": {"reason_code": "moonshine"}})


def one_order(walk: Walker) -> None:
    session = walk.open("create", "candle", buyer=BUYER)
    walk.pay("pay", session, walk.mint("token", session))
    walk.events("told")


def busy_receiver(walk: Walker) -> None:
    walk.receiver.answers.extend([429])
    walk.buy("candle", buyer=BUYER)
    walk.house.clock.advance(timedelta(hours=2))
    walk.events("told")


def nameless_buyer(walk: Walker) -> None:
    walk.open("create", "candle", buyer={"email": "ada@example.com"})


def whole_lines(walk: Walker) -> None:
    session = walk.open("create", "candle")
    walk.update("update", session, line_items=[line | {"quantity": 2} for line in session["line_items"]])
    walk.update("empty", session, line_items="none")


def notes(walk: Walker) -> None:
    walk.open("create", "candle", order_notes="Ring twice.")


def second_try(walk: Walker) -> None:
    body = {"line_items": [{"id": "unicorn"}], "currency": "usd", "capabilities": {}}
    walk.post("refused", NEW, body, key="same")
    walk.post("put right", NEW, body | {"line_items": [{"id": "candle"}]}, key="same")
    walk.post("again", NEW, body | {"line_items": [{"id": "candle"}]}, key="same")
    walk.post("otherwise", NEW, body | {"line_items": [{"id": "soap"}]}, key="same")


def other_handler(walk: Walker) -> None:
    session = walk.open("create", "candle", buyer=BUYER)
    handler = session["capabilities"]["payment"]["handlers"][-1]["id"]
    credential = {"type": "spt", "token": walk.mint("token", session)["id"]}
    pay(walk, session, {"handler_id": handler, "instrument": {"type": "card", "credential": credential}})


def chosen_line(walk: Walker) -> None:
    session = walk.open("create", "candle", "soap")
    chosen = {"type": "shipping", "option_id": "ship-express", "item_ids": [session["line_items"][0]["id"]]}
    walk.update("express", session, selected_fulfillment_options=[chosen])


def first_mistake(walk: Walker) -> None:
    body = {"line_items": [{"id": "candle"}, {"id": "unicorn"}], "currency": "usd", "capabilities": {}}
    walk.post("unknown second", NEW, body)
    walk.post("unknown download", NEW, body | {"line_items": [{"id": "gift-card-50"}, {"id": "unicorn"}]})
    walk.open("few left", "candle", {"id": "notebook-two-per-order", "quantity": 3})


def moment(walk: Walker) -> None:
    session = walk.open("create", "candle", buyer=BUYER)
    walk.pay("pay", session, walk.mint("token", session))
    walk.catch_up()
    walk.see("settled", session)


def virtual_card(walk: Walker) -> None:
    session = walk.open("create", "candle", buyer=BUYER)
    terms = {"reason": "one_time", "max_amount": 9000, "currency": "usd", "merchant_id": "merchant_quillmoor"}
    allowance = terms | {"checkout_session_id": id_of(session), "expires_at": "2026-05-06T13:00:00Z"}
    walk.mint_raw("plain", {"payment_method": CARD, "allowance": allowance})
    walk.mint_raw("virtual", {"payment_method": CARD | {"virtual": False}, "allowance": allowance})


Errand = str | Callable[[Walker], None]
SEEN_IN: dict[str, tuple[Errand, ...]] = {
    "asks_3ds_at_once": ("authentication",),
    "busy_without_retry_after": ("waiting",),
    "buyer_names_needed": (nameless_buyer, "cart"),
    "card_mistakes_are_unprocessable": ("tokens",),
    "closed_error_codes": ("tokens",),
    "closed_reason_codes": (strange_reason, "cart"),
    "currency_upper_case": ("cart",),
    "declines_are_errors": ("declines", "authentication"),
    "events_sent_once": (busy_receiver,),
    "expired_is_gone": ("expiry", "cart"),
    "handler_id_with_signs": (*SHORT, other_handler),
    "incomplete_when_not_ready": ("cart", "goods"),
    "no_order_notes": (notes,),
    "normalized_params": (*SHORT, first_mistake, "authentication"),
    "not_ready_is_an_error": ("waiting",),
    "one_fulfillment_option": ("cart", "goods"),
    "opaque_line_ids": (*SHORT, chosen_line),
    "params_without_root": ("tokens", "refusals"),
    "payment_takes_a_moment": (moment,),
    "ready_without_the_intervention": ("authentication",),
    "refusals_are_not_kept": ("idempotency", second_try, "tokens"),
    "replays_unmarked": ("idempotency", "tokens"),
    "requires_3ds_is_an_error": ("authentication",),
    "reversed_lines": (*SHORT, "goods", first_mistake),
    "risk_signals_needed": ("tokens",),
    "second_cancel_answers_405": (two_cancels, "idempotency"),
    "takes_purchase_orders": (purchase_order, "purchase"),
    "takes_the_old_payment_shape": (old_payment, "purchase"),
    "takes_whole_line_items": (whole_lines, "cart"),
    "tokens_of_another_prefix": ("purchase", "tokens"),
    "token_metadata_of_its_own": ("purchase", "tokens"),
    "two_handlers": (*SHORT, other_handler),
    "unknown_interventions_refused": (named_interventions, "cart"),
    "unknown_items_are_messages": (first_mistake, "refusals"),
    "virtual_needed": (virtual_card,),
}
"""Where a variation is seen that the short walk does not show, or not all of."""


def part_of(errand: Errand) -> str:
    """The name under which its steps are kept."""
    return errand if isinstance(errand, str) else errand.__name__
