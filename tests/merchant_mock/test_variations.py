"""Every variation, tried in a shop over real sockets: it is another shop than the plain one, and conformant too."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from starlette.types import Receive, Send

from acp.client import Client
from acp.errors import SignatureError, UsageError
from acp.signing import verify_webhook
from merchant_mock.app import DEMO_KEY, DEMO_WEBHOOK_SECRET
from merchant_mock.data import HOME
from merchant_mock.faults import FAULTS, faults
from merchant_mock.levers import Lever
from merchant_mock.manners import DISPATCHES, MANNERS, WRITTEN_LAST
from merchant_mock.manners.identity import BASE_PATHS, SHAPES
from merchant_mock.variations import VARIATIONS, variations
from merchant_mock.wire import connection, stage
from merchant_mock.wire.edits import EDITS
from merchant_mock.wire.exchange import OPERATIONS, Asked, Reply, with_header
from merchant_mock.wire.rules import asked_by, replied_by
from tests import published
from tests.merchant_mock.errands import PARTS
from tests.merchant_mock.walk import (
    BUYER,
    CAPABLE,
    CARD,
    NOON,
    Step,
    Transcript,
    Walker,
    differences,
    id_of,
    shop_on_the_way,
)

NEW = "/checkout_sessions"
IN_THE_SHOP = {
    "asks_3ds_at_once",
    "one_fulfillment_option",
    "payment_takes_a_moment",
    "unknown_items_are_messages",
}
"""Variations that are branches of `UnusualShop`."""

SHORT = ("discovery", "cart", "refusals", "purchase")
"""The parts of the walk in which most variations are seen."""


# Errands that the walk has no reason for


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


def walk_of(folder: Path, errands: tuple[Errand, ...], *levers: Lever) -> Transcript:
    folder.mkdir()
    with shop_on_the_way(folder, levers) as walker:
        for errand in errands:
            do, walker.part = (PARTS[errand], errand) if isinstance(errand, str) else (errand, errand.__name__)
            do(walker)
        return walker.steps


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[Errand, ...]], Transcript]:
    """The transcript of errands in the plain shop, walked once."""
    known: dict[tuple[Errand, ...], Transcript] = {}

    def walked(errands: tuple[Errand, ...]) -> Transcript:
        if errands not in known:
            known[errands] = walk_of(tmp_path_factory.mktemp("plain") / "shop", errands)
        return known[errands]

    return walked


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that replies asked for, none of which is made."""
    asked: list[float] = []

    async def at_once(reply: Reply, receive: Receive, send: Send) -> None:
        asked.append(reply.after)
        await connection.deliver(replace(reply, after=0.0), receive, send)

    monkeypatch.setattr(stage, "deliver", at_once)
    return asked


def definition_of(document: Any, status: int) -> str:
    """The published definition that a reply is to satisfy."""
    if status >= 400:
        return "schema.agentic_checkout.json#/$defs/Error"
    if "api_base_url" in document:
        return "schema.agentic_checkout.json#/$defs/DiscoveryResponse"
    if "line_items" in document:
        return "schema.agentic_checkout.json#/$defs/CheckoutSession"
    return "schema.delegate_payment.json#/$defs/DelegatePaymentResponse"


def check_published(step: Step) -> None:
    """Hold a step against the published definitions; an event's data is an order with what events require (WH-11)."""
    document, definition = step.document, None
    if step.label.startswith("event:"):
        assert set(document) == {"type", "data"}
        assert {"type", "id", "checkout_session_id", "permalink_url", "status"} <= set(document["data"])
        document, definition = document["data"], "schema.agentic_checkout.json#/$defs/Order"
    validator = published.validator(definition or definition_of(document, step.status))
    wrong = next(validator.iter_errors(document), None)
    assert wrong is None, f"{step.label}: {wrong.instance_path}: {wrong.message}"


def by_label(transcript: Transcript) -> dict[str, Step]:
    return {step.label: step for step in transcript}


@pytest.mark.published
@pytest.mark.parametrize("name", [name for name in VARIATIONS if name not in BASE_PATHS])
def test_a_variation_is_another_shop_and_all_it_says_is_as_published(
    name: str,
    tmp_path: Path,
    plain: Callable[[tuple[Errand, ...]], Transcript],
    pauses: list[float],
) -> None:
    errands = SEEN_IN.get(name, SHORT)
    unusual = walk_of(tmp_path / "shop", errands, *variations([name]))
    assert differences(plain(errands), unusual) or max(pauses) > 0
    for step in unusual:
        assert 200 <= step.status < 500, step
        check_published(step)


def test_every_variation_is_on_the_wire_or_code_of_its_name() -> None:
    code = MANNERS.keys() | SHAPES.keys() | BASE_PATHS.keys() | IN_THE_SHOP
    assert {name for name, lever in VARIATIONS.items() if not lever.rules} <= code
    assert code | DISPATCHES.keys() | set(WRITTEN_LAST) <= VARIATIONS.keys()
    assert not VARIATIONS.keys() & FAULTS.keys()


@pytest.mark.parametrize("file", sorted(HOME.glob("variations/*.json")), ids=lambda file: file.stem)
def test_the_tables_are_of_the_shape_of_levers_and_break_nothing(file: Path) -> None:
    rows = orjson.loads(file.read_bytes())
    jsonschema.validate(rows, orjson.loads((HOME / "lever.schema.json").read_bytes()))
    assert list(rows) == sorted(rows)
    for row in rows.values():
        assert "breaks" not in row
        assert re.fullmatch(r"[A-Z]{1,2}-?[0-9]+(, [A-Z]{1,2}-?[0-9]+)*", row.get("reading", "A1"))
        for rule in row.get("wire", ()):
            assert set(rule["on"]) <= {*OPERATIONS, "event"}
            assert ("event" in rule["on"]) is ("event" in rule)
            for edit in [e for part in ("request", "reply", "event") for e in rule.get(part, {}).get("body", ())]:
                assert (set(edit) - {"at"}) <= set(EDITS)


def test_a_variation_that_there_is_not_is_refused_with_those_that_are_like_it() -> None:
    with pytest.raises(UsageError, match=r"There is no variation uuid_id\. Did you mean uuid_ids"):
        variations(["uuid_id"])


# One by one, what a variation is about


def steps_of(folder: Path, name: str, *errands: Errand) -> dict[str, Step]:
    return by_label(walk_of(folder / "shop", errands, *variations([name])))


@pytest.mark.parametrize(
    ("name", "errand", "label", "status", "code"),
    [
        ("declines_are_errors", "declines", "declines declined", 402, "payment_declined"),
        ("declines_are_errors", "authentication", "authentication denied", 402, "payment_declined"),
        ("finished_answers_unchanged", "cart", "cart complete canceled", 405, "session_finished"),
        ("finished_is_bad_request", "purchase", "purchase update completed", 400, "invalid_state"),
        ("finished_is_bad_request", "purchase", "purchase cancel completed", 405, "session_finished"),
        ("requires_3ds_is_an_error", "authentication", "authentication asked for 3ds", 400, "requires_3ds"),
        ("not_ready_is_an_error", "waiting", "waiting complete coffee-pallet", 400, "not_ready"),
        ("asks_3ds_at_once", "authentication", "authentication asked always", 400, "requires_3ds"),
        ("second_cancel_answers_405", two_cancels, "two_cancels cancel otherwise", 405, "session_finished"),
        (
            "second_cancel_answers_405",
            "idempotency",
            "idempotency create with another body",
            422,
            "idempotency_conflict",
        ),
        ("expired_is_gone", "expiry", "expiry expired", 404, "not_found"),
        ("expired_is_gone", "expiry", "expiry cancel expired", 404, "not_found"),
        ("expired_is_gone", "cart", "cart cancel again", 405, "session_finished"),
        ("null_refused", "cart", "cart clear", 400, "invalid"),
        ("quantity_refused", "cart", "cart create", 400, "unknown"),
        ("no_order_notes", notes, "notes create", 400, "unknown"),
        ("closed_reason_codes", strange_reason, "strange_reason cancel", 400, "invalid"),
        ("buyer_names_needed", nameless_buyer, "nameless_buyer create", 400, "missing"),
        ("unknown_interventions_refused", named_interventions, "named_interventions create", 400, "invalid"),
        ("capabilities_needed", "refusals", "refusals unknown item", 400, "missing"),
        ("virtual_needed", virtual_card, "virtual_card plain", 400, "missing"),
        ("risk_signals_needed", "tokens", "tokens no risk signals", 400, "invalid"),
        ("card_mistakes_are_unprocessable", "tokens", "tokens bad month", 422, "invalid_card"),
        ("card_mistakes_are_unprocessable", "tokens", "tokens no key", 400, "idempotency_key_required"),
        ("unauthorized_is_forbidden", "refusals", "refusals no credentials", 403, "unauthorized"),
        ("unknown_item_is_unprocessable", "refusals", "refusals unknown item", 422, "invalid_item_id"),
        ("unknown_session_is_bad_request", "refusals", "refusals cancel unknown", 400, "not_found"),
        ("unknown_session_is_bad_request", "refusals", "refusals retrieve unknown", 404, "not_found"),
        ("other_error_codes", "refusals", "refusals retrieve unknown", 404, "session_not_found"),
        ("takes_whole_line_items", whole_lines, "whole_lines empty", 400, "invalid"),
    ],
)
def test_a_refusal_of_a_variation(
    name: str, errand: Errand, label: str, status: int, code: str, tmp_path: Path
) -> None:
    step = steps_of(tmp_path, name, errand)[label]
    assert (step.status, step.document["code"]) == (status, code)


@pytest.mark.parametrize(
    ("name", "errand", "label", "path", "value"),
    [
        ("asks_3ds_at_once", "authentication", "authentication create always", "status", "authentication_required"),
        ("cancel_takes_any_trace", "refusals", "refusals cancel with a bad trace", "status", "canceled"),
        ("currency_upper_case", "cart", "cart create", "currency", "USD"),
        ("currency_optional", "refusals", "refusals no currency", "currency", "usd"),
        ("finished_answers_unchanged", "purchase", "purchase update completed", "status", "completed"),
        ("finished_answers_unchanged", "cart", "cart update canceled", "status", "canceled"),
        ("handler_id_with_signs", other_handler, "other_handler pay", "status", "completed"),
        ("incomplete_when_not_ready", "goods", "goods sold out", "status", "incomplete"),
        ("payment_takes_a_moment", moment, "moment pay", "status", "complete_in_progress"),
        ("payment_takes_a_moment", moment, "moment settled", "status", "completed"),
        (
            "ready_without_the_intervention",
            "authentication",
            "authentication create unable",
            "status",
            "ready_for_payment",
        ),
        ("requires_3ds_is_an_error", "authentication", "authentication retrieve", "status", "authentication_required"),
        ("takes_purchase_orders", purchase_order, "purchase_order pay", "status", "completed"),
        ("takes_the_old_payment_shape", old_payment, "old_payment pay", "status", "completed"),
        ("two_handlers", other_handler, "other_handler pay", "status", "completed"),
        ("unknown_items_are_messages", "refusals", "refusals unknown item", "status", "not_ready_for_payment"),
        ("virtual_needed", virtual_card, "virtual_card virtual", "metadata.campaign", "spring"),
        ("order_starts_created", one_order, "event:one_order told 0", "data.status", "created"),
        ("order_status_of_its_own", "purchase", "purchase complete", "order.status", "being_picked"),
        ("normalized_params", first_mistake, "first_mistake unknown second", "param", "$['line_items'][1]['id']"),
        ("reversed_lines", first_mistake, "first_mistake few left", "messages.0.param", "$.line_items[0]"),
        (
            "unknown_items_are_messages",
            first_mistake,
            "first_mistake unknown download",
            "messages.0.param",
            "$.line_items[1]",
        ),
        ("params_without_root", "tokens", "tokens bad month", "param", "payment_method.exp_month"),
        ("quantity_refused", "cart", "cart create", "param", "$.line_items[0].quantity"),
        ("null_refused", "cart", "cart clear", "param", "$.buyer"),
        ("opaque_line_ids", chosen_line, "chosen_line express", "selected_fulfillment_options.0.item_ids.0", "line.1~"),
        (
            "item_ids_of_the_catalogue",
            "purchase",
            "purchase complete",
            "selected_fulfillment_options.0.item_ids.0",
            "mug-blue",
        ),
        ("takes_whole_line_items", whole_lines, "whole_lines update", "line_items.0.quantity", 2),
        ("another_base_path", "discovery", "discovery document", "api_base_url", "http://shop.test/shop/acp"),
    ],
)
def test_a_member_of_a_variation(name: str, errand: Errand, label: str, path: str, value: Any, tmp_path: Path) -> None:
    found = steps_of(tmp_path, name, errand)[label].document
    for part in path.split("."):
        found = found[int(part) if part.isdigit() else part]
    assert found == value


def test_what_the_headers_decide_is_decided_before_a_body_is_minded(tmp_path: Path) -> None:
    def nulls(walk: Walker) -> None:
        session = walk.open("create", "candle")
        path = f"{NEW}/{id_of(session)}"
        walk.post("nobody", path, {"buyer": None}, headers={"Authorization": None})
        walk.post("no key", path, {"buyer": None}, key=None)
        walk.post("null", path, {"buyer": None}, key="null")
        walk.post("other null", path, {"locale": None}, key="null")

    steps = steps_of(tmp_path, "null_refused", nulls)
    assert [(step.status, step.document.get("code")) for step in steps.values()] == [
        (201, None),
        (401, "unauthorized"),
        (400, "idempotency_key_required"),
        (400, "invalid"),
        (400, "invalid"),
    ]
    assert steps["nulls other null"].document["param"] == "$.locale"


def test_a_key_that_was_refused_is_free_until_something_is_done_under_it(tmp_path: Path) -> None:
    steps = steps_of(tmp_path, "refusals_are_not_kept", second_try)
    seen = [(step.status, dict(step.headers).get("idempotency-key")) for step in steps.values()]
    assert seen == [(400, "same"), (201, "same"), (201, "same"), (422, "same")]
    assert steps["second_try put right"].body == steps["second_try again"].body


def test_bad_traces_are_told_apart_although_none_of_them_counts(tmp_path: Path) -> None:
    def cancels(walk: Walker) -> None:
        session = walk.open("create", "candle")
        for label, code in (("first", 7), ("again", 7), ("other", 8)):
            walk.cancel(label, session, {"intent_trace": {"reason_code": code}}, key="trace")

    steps = steps_of(tmp_path, "cancel_takes_any_trace", cancels)
    assert [step.status for step in steps.values()] == [201, 200, 200, 422]


def test_delegated_payment_keeps_to_its_six_codes(tmp_path: Path) -> None:
    steps = steps_of(tmp_path, "closed_error_codes", "tokens")
    refused = [step for label, step in steps.items() if step.status >= 400 and label.startswith("tokens ")]
    codes = {step.document["code"] for step in refused if step.label.split()[1] != "complete"}
    assert codes == {"invalid_card", "idempotency_conflict", "idempotency_key_required"}


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


@pytest.mark.parametrize(
    "name", ["pretty_json", "ascii_json", "offset_timestamps", "opaque_line_ids", "japanese_texts"]
)
def test_events_are_signed_over_the_bytes_that_are_sent(name: str, tmp_path: Path) -> None:
    event = steps_of(tmp_path, name, one_order)["event:one_order told 0"]
    signature = dict(event.headers)["merchant-signature"]
    verify_webhook(event.body, signature, [DEMO_WEBHOOK_SECRET], now=NOON)
    with pytest.raises(SignatureError):
        verify_webhook(event.body + b" ", signature, [DEMO_WEBHOOK_SECRET], now=NOON)


def test_gzip_is_for_those_who_take_it(tmp_path: Path) -> None:
    with shop_on_the_way(tmp_path, variations(["compressed"])) as walker:
        zipped, plainly = (
            walker.http.get("/.well-known/acp.json", headers={"Accept-Encoding": coding}) for coding in ("gzip", "br")
        )
    assert (zipped.headers["content-encoding"], zipped.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert "content-encoding" not in plainly.headers
    assert zipped.json() == plainly.json()


@pytest.mark.parametrize(
    ("body", "edit", "sent"),
    [
        (b'{"a": true }', {"at": "$.a", "put": 1}, b'{"a":1}'),
        (b'{"a": 1 }', {"at": "$.a", "as": "number"}, b'{"a":1.0}'),
        (b'{"a": 1, "a": 2 }', {"at": "$.b", "drop": True}, b'{"a": 1, "a": 2 }'),
        (b'{"a": 1 }', {"at": "$.a", "put": 1}, b'{"a": 1 }'),
        (b'{"a": 1 }', {"at": "$", "default": {"a": 2, "b": 3}}, b'{"a":1,"b":3}'),
    ],
)
def test_a_document_is_written_anew_only_where_an_edit_changes_it(
    body: bytes, edit: dict[str, Any], sent: bytes
) -> None:
    change = {"body": [edit]}
    assert replied_by(change, Reply(200, (), body)).body == sent
    assert asked_by({"request": change}, Asked("POST", "/", (), body)).body == sent


def test_a_header_is_set_where_it_stands() -> None:
    headers = (("a", "1"), ("b", "2"), ("c", "3"))
    assert with_header(headers, "B", "0") == (("a", "1"), ("b", "0"), ("c", "3"))
    assert with_header(headers, "D", "4") == (*headers, ("d", "4"))
    assert with_header(headers, "A", None) == headers[1:]


# Together


def test_variations_and_faults_go_together_and_the_fault_is_seen(tmp_path: Path) -> None:
    chosen = variations(["compressed", "pretty_json", "bare_session", "uuid_ids", "reversed_arrays"])
    for order in (1, -1):
        levers = [*chosen, *faults(["amounts_are_decimals"])][::order]
        steps = by_label(walk_of(tmp_path / str(order), ("cart",), *levers))
        created = steps["cart create"].document
        assert "protocol" not in created
        assert created["totals"][0] == {"type": "total", "display_text": "Total", "amount": 50.0}
        assert steps["cart create"].body.startswith(b'{\n  "capabilities"')


@pytest.mark.published
def test_many_variations_at_once_are_still_a_conformant_shop(tmp_path: Path) -> None:
    chosen = variations([name for name in VARIATIONS if not lever_is_strict(name)])
    for step in walk_of(tmp_path / "shop", ("discovery", "cart", "purchase", "declines"), *chosen):
        assert 200 <= step.status < 500, step
        check_published(step)


def lever_is_strict(name: str) -> bool:
    """Whether a variation keeps an agent of the walk from buying at all."""
    return name in BASE_PATHS or name == "slow_answers" or any("complaint" in rule for rule in VARIATIONS[name].rules)
