"""The shop speaks each version as it was published: a tour over sockets, and what it must have shown."""

from __future__ import annotations

import json

import pytest

from tests.independent.profile import SHOP_PATH
from tests.independent.versions import VERSIONS
from tests.independent.walk.published_shapes import event_problems, problems
from tests.independent.walk.speech import total
from tests.independent.walk.tours import tour

EACH = pytest.mark.parametrize("name", VERSIONS)
WITH_3DS = pytest.mark.parametrize("name", [name for name, version in VERSIONS.items() if version.outcomes])
WITH_CAPABILITIES = pytest.mark.parametrize("name", [name for name, version in VERSIONS.items() if version.handler])


def codes(session):
    return [message.get("code") for message in session["messages"]]


@EACH
@pytest.mark.published
def test_every_request_and_every_answer_is_of_the_published_shape(name):
    for sight, exchange in tour(name).seen.items():
        assert not problems(VERSIONS[name], exchange), sight


@EACH
@pytest.mark.published
def test_every_event_is_of_the_published_shape(name):
    assert tour(name).told
    for event in tour(name).told:
        assert not event_problems(VERSIONS[name], event)


@EACH
def test_who_shows_no_key_or_an_unknown_one_is_not_let_in(name):
    seen = tour(name)
    refused = [sight for sight in seen.seen if "without bearer" in sight or "stranger" in sight]
    assert [seen[sight].status for sight in refused] == [401] * 8


@EACH
def test_a_session_is_there_for_the_agent_that_opened_it_only(name):
    assert tour(name)["retrieve by another"].status == 404
    assert tour(name)["retrieve first"].status == 200


@EACH
def test_a_request_in_another_version_or_in_none_is_refused(name):
    seen = tour(name)
    for sight in ("create without version", "create in 1999", "retrieve without version", "token in 1999"):
        assert seen[sight].status == 400
        assert ("supported_versions" in seen[sight].body) is (VERSIONS[name].api == "2026-04-17")


@EACH
def test_a_timestamp_of_another_year_is_refused(name):
    assert tour(name)["stale create"].status == 400


@EACH
def test_headers_that_are_only_recommended_may_be_left_out(name):
    for sight in ("bare create", "create without language", "create without user agent"):
        assert tour(name)[sight].status == 201


@EACH
def test_a_request_id_and_a_key_are_repeated(name):
    assert tour(name)["first"].headers["request-id"] == "request first"
    assert tour(name)["first"].headers["idempotency-key"] == "key for first"


@EACH
def test_what_cannot_be_read_is_refused(name):
    assert tour(name)["bad JSON"].status == tour(name)["token from bad JSON"].status == 400
    assert tour(name)["plain text"].status == 415
    assert tour(name)["nowhere"].status == 404


@EACH
def test_totals_add_up(name):
    session = tour(name)["after the courier"].body
    amounts = {entry["type"]: entry["amount"] for entry in session["totals"]}
    assert amounts["total"] == amounts["subtotal"] + amounts["tax"] + amounts["fulfillment"]
    assert amounts == {"items_base_amount": 1295, "subtotal": 1295, "tax": 272, "fulfillment": 895, "total": 2462}


@EACH
def test_what_cannot_be_sold_is_said_in_a_session_that_cannot_be_paid(name):
    region = "invalid" if VERSIONS[name].api < "2026-01-30" else "region_restricted"
    for sight, code in (("sold out", "out_of_stock"), ("too far", region)):
        session = tour(name)[sight].body
        assert (session["status"], codes(session)) == ("not_ready_for_payment", [code])


@EACH
def test_an_article_that_is_not_sold_is_refused_where_it_is_named(name):
    refused = tour(name)["unknown item"]
    assert refused.status == 400
    assert refused.body["param"] == f"$.{VERSIONS[name].cart}[0].id"


@EACH
def test_a_create_that_is_not_as_it_must_be_is_refused(name):
    wrong = ("no cart", "empty cart", "cart of one", "nameless", "listed id", "nothing of nothing", "unknown member")
    for sight in wrong:
        assert (tour(name)[sight].status, tour(name)[sight].body["type"]) == (400, "invalid_request")
    assert tour(name)["no cart"].body["code"] == "missing"


@pytest.mark.parametrize("name", [name for name, version in VERSIONS.items() if version.quantity != "refused"])
def test_three_pieces_cost_three_times_as_much(name):
    (line,) = tour(name)["three"].body["line_items"]
    assert line.get("quantity", line["item"].get("quantity")) == 3
    assert total(tour(name)["three"].body) == 27044  # three times 74.50 with 21% VAT


@EACH
def test_what_an_update_changes_is_what_the_next_read_shows(name):
    seen = tour(name)
    assert seen["after moving"].body == seen["moved"].body
    assert "Brink 14" in json.dumps(seen["moved"].body)
    assert seen["after the courier"].body == seen["courier"].body
    assert "fietskoerier" in json.dumps(seen["courier"].body[chosen_member(name)])
    assert seen["buyer"].body["buyer"]["email"] == "mies@dewit.example"
    assert [line["item"]["id"] for line in seen["swapped"].body["line_items"]] == ["8712000104321"]


def chosen_member(name: str) -> str:
    return "fulfillment_option_id" if VERSIONS[name].choice == "one" else "selected_fulfillment_options"


@EACH
def test_an_option_that_is_not_on_offer_is_not_chosen(name):
    assert tour(name)["unknown option"].status == 400
    assert "fietskoerier" not in json.dumps(tour(name)["to Belgium"].body)


@EACH
def test_an_update_that_is_not_as_it_must_be_is_refused_and_an_empty_one_changes_nothing(name):
    seen = tour(name)
    assert (seen["cart of text"].status, seen["cleared"].status) == (400, 400)
    assert seen["nothing changed"].body == seen["to Belgium"].body


@EACH
def test_a_session_that_is_not_ready_cannot_be_paid(name):
    assert tour(name)["complete too early"].status == 400


@EACH
def test_a_payment_makes_one_order_and_ends_the_session(name):
    seen = tour(name)
    assert seen["paid"].status == (201 if name.startswith("openai") else 200)
    assert seen["paid"].body["status"] == "completed"
    assert seen["paid"].body["order"]["checkout_session_id"] == seen["paid"].body["id"]
    assert (seen["paid twice"].status, seen["change after payment"].status) == (400, 400)
    assert seen["cancel after payment"].status == 405
    assert seen["after payment"].body["status"] == "completed"
    assert ("order" in seen["after payment"].body) is (VERSIONS[name].api != "2025-09-29")


@EACH
def test_nothing_is_sold_without_payment(name):
    assert tour(name)["no payment"].status == 400


@EACH
def test_a_declined_payment_makes_no_order_and_can_be_tried_again(name):
    seen = tour(name)
    if VERSIONS[name].declines == "message":
        assert (seen["declined"].status, codes(seen["declined"].body)) == (200, ["payment_declined"])
    else:
        assert (seen["declined"].status, seen["declined"].body["code"]) == (402, "payment_declined")
    assert seen["after the decline"].body["status"] == "ready_for_payment"
    assert seen["paid at last"].body["status"] == "completed"
    assert seen["paid at last"].body["buyer"]["first_name"] == "Mies"


@WITH_CAPABILITIES
def test_a_way_of_payment_that_the_shop_does_not_have_is_refused(name):
    for sight in ("empty payment", "unknown handler", "no credential", "unknown instrument"):
        assert tour(name)[sight].status == 400
        assert tour(name)[f"after {sight}"].body["status"] == "ready_for_payment"


@WITH_CAPABILITIES
def test_the_interventions_of_a_session_are_those_that_both_sides_know(name):
    def supported(sight: str) -> list[str]:
        return tour(name)[sight].body["capabilities"]["interventions"]["supported"]

    assert supported("first") == ["3ds"]
    assert supported("of tomorrow") == ["address_verification"]
    assert supported("unable") == supported("3ds: unable") == []
    assert tour(name)["3ds: unable"].body["capabilities"]["interventions"]["required"] == ["3ds"]


@WITH_CAPABILITIES
def test_another_currency_is_refused_and_a_bad_email_address_is_talked_about(name):
    assert tour(name)["in dollars"].status == 400
    assert codes(tour(name)["bad e-mail"].body) == ["invalid"]


@WITH_3DS
def test_3ds_is_asked_for_in_the_way_of_the_version_and_ends_with_an_order(name):
    seen, way = tour(name), VERSIONS[name].challenge
    assert seen["3ds: choose"].body["status"] == ("authentication_required" if way == "early" else "ready_for_payment")
    assert seen["3ds: first"].status == (200 if way == "asked" else 400)
    assert seen["3ds: asked"].body["status"] == "authentication_required"
    assert seen["3ds: asked"].body["authentication_metadata"]["directory_server"] == "mastercard"
    assert seen["3ds: recognised"].body["status"] == "completed"


@WITH_3DS
def test_without_the_result_of_3ds_a_completion_is_refused_and_with_a_bad_one_unpaid(name):
    refused = tour(name)["3ds: without result"]
    assert refused.status == 400
    told = {"type": "invalid_request", "code": "requires_3ds", "param": "$.authentication_result"}
    assert told.items() <= refused.body.items()
    assert tour(name)["3ds: after denial"].body["status"] == "authentication_required"


@pytest.mark.parametrize("name", [name for name, version in VERSIONS.items() if version.proven])
def test_an_outcome_of_3ds_that_needs_details_is_refused_without_them(name):
    refused = tour(name)["3ds: without details"]
    assert (refused.status, refused.body["param"]) == (400, "$.authentication_result.outcome_details")


@EACH
def test_a_canceled_session_stays_canceled(name):
    seen = tour(name)
    assert (seen["canceled"].status, seen["canceled"].body["status"]) == (200, "canceled")
    assert seen["after the cancel"].body == seen["canceled"].body
    assert (seen["canceled twice"].status, seen["canceled twice"].headers["allow"]) == (405, "GET")
    assert (seen["change after the cancel"].status, seen["pay after the cancel"].status) == (400, 400)


@pytest.mark.parametrize("name", [name for name, version in VERSIONS.items() if version.traces])
def test_a_reason_for_a_cancel_is_taken_and_never_told(name):
    reasons = [seen for sight, seen in tour(name).seen.items() if sight.startswith("because") and "create" not in sight]
    assert [seen.body["status"] for seen in reasons] == ["canceled"] * 3
    assert all("intent_trace" not in seen.body for seen in reasons)
    assert tour(name)["with too much said"].status == 400


@EACH
def test_there_is_a_discovery_document_since_it_was_published(name):
    if VERSIONS[name].api != "2026-04-17":
        assert tour(name)["discovery"].status == 404
    else:
        document = tour(name)["discovery"].body
        assert document["protocol"]["supported_versions"] == ["2026-04-17"]
        assert document["api_base_url"].endswith(SHOP_PATH)
