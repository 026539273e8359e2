"""One by one, what a variation answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.merchant_mock.manners.conftest import steps_of
from tests.merchant_mock.manners.errands import (
    NEW,
    Errand,
    chosen_line,
    first_mistake,
    moment,
    named_interventions,
    nameless_buyer,
    notes,
    old_payment,
    one_order,
    other_handler,
    part_of,
    purchase_order,
    second_try,
    strange_reason,
    two_cancels,
    virtual_card,
    whole_lines,
)
from tests.merchant_mock.walk import Walker, id_of


@pytest.mark.parametrize(
    ("name", "errand", "label", "status", "code"),
    [
        ("declines_are_errors", "declines", "declined", 402, "payment_declined"),
        ("declines_are_errors", "authentication", "denied", 402, "payment_declined"),
        ("finished_answers_unchanged", "cart", "complete canceled", 405, "session_finished"),
        ("finished_is_bad_request", "purchase", "update completed", 400, "invalid_state"),
        ("finished_is_bad_request", "purchase", "cancel completed", 405, "session_finished"),
        ("requires_3ds_is_an_error", "authentication", "asked for 3ds", 400, "requires_3ds"),
        ("not_ready_is_an_error", "waiting", "complete coffee-pallet", 400, "not_ready"),
        ("asks_3ds_at_once", "authentication", "asked always", 400, "requires_3ds"),
        ("second_cancel_answers_405", two_cancels, "cancel otherwise", 405, "session_finished"),
        ("second_cancel_answers_405", "idempotency", "create with another body", 422, "idempotency_conflict"),
        ("expired_is_gone", "expiry", "expired", 404, "not_found"),
        ("expired_is_gone", "expiry", "cancel expired", 404, "not_found"),
        ("expired_is_gone", "cart", "cancel again", 405, "session_finished"),
        ("null_refused", "cart", "clear", 400, "invalid"),
        ("quantity_refused", "cart", "create", 400, "unknown"),
        ("no_order_notes", notes, "create", 400, "unknown"),
        ("closed_reason_codes", strange_reason, "cancel", 400, "invalid"),
        ("buyer_names_needed", nameless_buyer, "create", 400, "missing"),
        ("unknown_interventions_refused", named_interventions, "create", 400, "invalid"),
        ("capabilities_needed", "refusals", "unknown item", 400, "missing"),
        ("virtual_needed", virtual_card, "plain", 400, "missing"),
        ("risk_signals_needed", "tokens", "no risk signals", 400, "invalid"),
        ("card_mistakes_are_unprocessable", "tokens", "bad month", 422, "invalid_card"),
        ("card_mistakes_are_unprocessable", "tokens", "no key", 400, "idempotency_key_required"),
        ("unauthorized_is_forbidden", "refusals", "no credentials", 403, "unauthorized"),
        ("unknown_item_is_unprocessable", "refusals", "unknown item", 422, "invalid_item_id"),
        ("unknown_session_is_bad_request", "refusals", "cancel unknown", 400, "not_found"),
        ("unknown_session_is_bad_request", "refusals", "retrieve unknown", 404, "not_found"),
        ("other_error_codes", "refusals", "retrieve unknown", 404, "session_not_found"),
        ("takes_whole_line_items", whole_lines, "empty", 400, "invalid"),
    ],
)
def test_a_refusal_of_a_variation(
    name: str, errand: Errand, label: str, status: int, code: str, tmp_path: Path
) -> None:
    step = steps_of(tmp_path, name, errand)[f"{part_of(errand)} {label}"]
    assert (step.status, step.document["code"]) == (status, code)


@pytest.mark.parametrize(
    ("name", "errand", "label", "path", "value"),
    [
        ("asks_3ds_at_once", "authentication", "create always", "status", "authentication_required"),
        ("cancel_takes_any_trace", "refusals", "cancel with a bad trace", "status", "canceled"),
        ("currency_upper_case", "cart", "create", "currency", "USD"),
        ("currency_optional", "refusals", "no currency", "currency", "usd"),
        ("finished_answers_unchanged", "purchase", "update completed", "status", "completed"),
        ("finished_answers_unchanged", "cart", "update canceled", "status", "canceled"),
        ("handler_id_with_signs", other_handler, "pay", "status", "completed"),
        ("incomplete_when_not_ready", "goods", "sold out", "status", "incomplete"),
        ("payment_takes_a_moment", moment, "pay", "status", "complete_in_progress"),
        ("payment_takes_a_moment", moment, "settled", "status", "completed"),
        ("ready_without_the_intervention", "authentication", "create unable", "status", "ready_for_payment"),
        ("requires_3ds_is_an_error", "authentication", "retrieve", "status", "authentication_required"),
        ("takes_purchase_orders", purchase_order, "pay", "status", "completed"),
        ("takes_the_old_payment_shape", old_payment, "pay", "status", "completed"),
        ("two_handlers", other_handler, "pay", "status", "completed"),
        ("unknown_items_are_messages", "refusals", "unknown item", "status", "not_ready_for_payment"),
        ("virtual_needed", virtual_card, "virtual", "metadata.campaign", "spring"),
        ("order_status_of_its_own", "purchase", "complete", "order.status", "being_picked"),
        ("normalized_params", first_mistake, "unknown second", "param", "$['line_items'][1]['id']"),
        ("reversed_lines", first_mistake, "few left", "messages.0.param", "$.line_items[0]"),
        ("unknown_items_are_messages", first_mistake, "unknown download", "messages.0.param", "$.line_items[1]"),
        ("params_without_root", "tokens", "bad month", "param", "payment_method.exp_month"),
        ("quantity_refused", "cart", "create", "param", "$.line_items[0].quantity"),
        ("null_refused", "cart", "clear", "param", "$.buyer"),
        ("opaque_line_ids", chosen_line, "express", "selected_fulfillment_options.0.item_ids.0", "line.1~"),
        ("item_ids_of_the_catalogue", "purchase", "complete", "selected_fulfillment_options.0.item_ids.0", "mug-blue"),
        ("takes_whole_line_items", whole_lines, "update", "line_items.0.quantity", 2),
        ("another_base_path", "discovery", "document", "api_base_url", "http://shop.test/shop/acp"),
    ],
)
def test_a_member_of_a_variation(name: str, errand: Errand, label: str, path: str, value: Any, tmp_path: Path) -> None:
    found = steps_of(tmp_path, name, errand)[f"{part_of(errand)} {label}"].document
    for part in path.split("."):
        found = found[int(part) if part.isdigit() else part]
    assert found == value


def test_an_order_may_start_as_created(tmp_path: Path) -> None:
    event = steps_of(tmp_path, "order_starts_created", one_order)["event:one_order told 0"]
    assert event.document["data"]["status"] == "created"


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
