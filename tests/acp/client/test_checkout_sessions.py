from __future__ import annotations

import json

import httpx
import pytest

import schemas
from acp.client.checkout_sessions import Change, Completion, Creation
from acp.errors import UsageError
from acp.models.checkout import Buyer, CheckoutSession, Item


def sent(httpx_mock) -> dict:
    return json.loads(httpx_mock.get_requests()[-1].content)


def test_create_sends_items_currency_and_capabilities_and_returns_the_session(client, httpx_mock, session):
    httpx_mock.add_response(method="POST", url="https://shop.test/acp/checkout_sessions", status_code=201, json=session)
    made = client.checkout_sessions.create([{"id": "mug"}], "eur")
    assert sent(httpx_mock) == {"line_items": [{"id": "mug"}], "currency": "eur", "capabilities": {}}
    assert isinstance(made, CheckoutSession)
    assert made.id == "cs_1"
    assert made.line_items[0].item.id == "mug"
    assert made.problems() == []


@pytest.mark.parametrize(
    ("items", "line_items"),
    [
        (["mug"], [{"id": "mug"}]),
        ([("mug", 1)], [{"id": "mug"}]),
        ([("mug", 3)], [{"id": "mug", "quantity": 3}]),
        ([{"id": "mug", "quantity": 1}], [{"id": "mug"}]),
        ([{"id": "mug", "quantity": 2, "name": "Mug"}], [{"id": "mug", "quantity": 2, "name": "Mug"}]),
        ([Item(id="mug")], [{"id": "mug"}]),
        ([Item.of({"id": "mug", "quantity": 4})], [{"id": "mug", "quantity": 4}]),
        (iter(["mug", ("cup", 2)]), [{"id": "mug"}, {"id": "cup", "quantity": 2}]),
    ],
)
def test_a_quantity_is_sent_only_when_it_is_not_one(client, httpx_mock, session, items, line_items):
    httpx_mock.add_response(json=session)
    client.checkout_sessions.create(items, "eur")
    assert sent(httpx_mock)["line_items"] == line_items


@pytest.mark.parametrize(
    "items",
    [
        "mug",
        {"id": "mug"},
        Item(id="mug"),
        [("mug", 0)],
        [("mug", -1)],
        [("mug", True)],
        [("mug", "2")],
        [("mug", 1.0)],
        [(1, 2)],
        [("mug", 1, 2)],
        [("mug",)],
        [7],
        [None],
    ],
)
def test_what_is_no_list_of_items_is_refused_before_anything_is_sent(client, httpx_mock, items):
    with pytest.raises(UsageError):
        client.checkout_sessions.create(items, "eur")
    assert httpx_mock.get_requests() == []


def test_models_and_dictionaries_may_be_mixed_and_nested(client, httpx_mock, session):
    httpx_mock.add_response(json=session)
    client.checkout_sessions.create(
        ["mug"],
        "eur",
        {"interventions": {"supported": ["3ds"]}},
        buyer=Buyer(email="kim@example.org"),
        metadata={"for": Buyer(email="li@example.org"), "list": (1, 2)},
        discounts={"codes": ["SAVE"]},
    )
    body = sent(httpx_mock)
    assert body["buyer"] == {"email": "kim@example.org"}
    assert body["metadata"] == {"for": {"email": "li@example.org"}, "list": [1, 2]}
    assert body["capabilities"] == {"interventions": {"supported": ["3ds"]}}


def test_an_update_tells_absent_null_and_value_apart(client, httpx_mock, session):
    httpx_mock.add_response(json=session, is_reusable=True)
    update = client.checkout_sessions.update
    update("cs_1")
    assert sent(httpx_mock) == {}
    update("cs_1", buyer=None)
    assert sent(httpx_mock) == {"buyer": None}
    update("cs_1", buyer=Buyer(email="kim@example.org", phone_number=None))
    assert sent(httpx_mock) == {"buyer": {"email": "kim@example.org", "phone_number": None}}


def test_an_update_names_its_items_as_a_creation_does(client, httpx_mock, session):
    httpx_mock.add_response(url="https://shop.test/acp/checkout_sessions/cs_1", json=session)
    client.checkout_sessions.update("cs_1", items=[("mug", 2)], order_notes="Ring twice")
    assert sent(httpx_mock) == {"line_items": [{"id": "mug", "quantity": 2}], "order_notes": "Ring twice"}


def test_retrieve_is_a_get_without_body_key_or_content_type(client, httpx_mock, session):
    httpx_mock.add_response(method="GET", url="https://shop.test/acp/checkout_sessions/cs_1", json=session)
    assert client.checkout_sessions.retrieve("cs_1").status == "ready_for_payment"
    request = httpx_mock.get_requests()[0]
    assert request.content == b""
    assert "idempotency-key" not in request.headers
    assert "content-type" not in request.headers


def test_complete_sends_the_payment_and_what_comes_with_it(client, httpx_mock, session):
    order = {"id": "o_1", "checkout_session_id": "cs_1", "permalink_url": "https://shop.test/o/1"}
    httpx_mock.add_response(
        method="POST",
        url="https://shop.test/acp/checkout_sessions/cs_1/complete",
        json=session | {"status": "completed", "order": order},
    )
    paid = client.checkout_sessions.complete(
        "cs_1", {"handler_id": "card"}, authentication_result={"outcome": "denied"}, buyer={"email": "kim@example.org"}
    )
    assert sent(httpx_mock) == {
        "payment_data": {"handler_id": "card"},
        "authentication_result": {"outcome": "denied"},
        "buyer": {"email": "kim@example.org"},
    }
    assert paid.order is not None
    assert paid.order.id == "o_1"


def test_a_decline_is_a_session_and_no_error(client, httpx_mock, session):
    said = {"type": "error", "code": "payment_declined", "content_type": "plain", "content": "No."}
    httpx_mock.add_response(json=session | {"messages": [said]})
    answer = client.checkout_sessions.complete("cs_1", {"handler_id": "card"})
    assert answer.status == "ready_for_payment"
    assert answer.order is None
    assert answer.messages[0].code == "payment_declined"


def test_cancel_sends_no_body_unless_it_says_why(client, httpx_mock, session):
    httpx_mock.add_response(
        url="https://shop.test/acp/checkout_sessions/cs_1/cancel",
        json=session | {"status": "canceled"},
        is_reusable=True,
    )
    assert client.checkout_sessions.cancel("cs_1").status == "canceled"
    assert httpx_mock.get_requests()[-1].content == b""
    client.checkout_sessions.cancel("cs_1", {"reason_code": "price_sensitivity"})
    assert sent(httpx_mock) == {"intent_trace": {"reason_code": "price_sensitivity"}}


@pytest.mark.parametrize("id", ["", ".", "..", None, 7])
def test_an_id_that_would_name_another_path_is_refused(client, httpx_mock, id):
    for operation in (
        client.checkout_sessions.retrieve,
        client.checkout_sessions.update,
        client.checkout_sessions.cancel,
    ):
        with pytest.raises(UsageError):
            operation(id)
    assert httpx_mock.get_requests() == []


def test_an_id_stays_one_segment_of_the_path(client, httpx_mock, session):
    httpx_mock.add_response(json=session)
    client.checkout_sessions.retrieve("../a b?c=d#e/cancel")
    assert httpx_mock.get_requests()[0].url.raw_path == b"/acp/checkout_sessions/..%2Fa%20b%3Fc%3Dd%23e%2Fcancel"


def test_a_keyword_nobody_knows_is_refused_as_a_call_does(client, httpx_mock):
    with pytest.raises(TypeError, match="unexpected keyword byuer"):
        client.checkout_sessions.create(["mug"], "eur", byuer={})
    with pytest.raises(TypeError, match="unexpected keyword line_items"):
        client.checkout_sessions.update("cs_1", line_items=[])
    with pytest.raises(TypeError, match="unexpected keyword token"):
        client.checkout_sessions.complete("cs_1", {}, token="vt_1")
    assert httpx_mock.get_requests() == []


@pytest.mark.parametrize(
    ("keywords", "definition", "others"),
    [
        (Creation, "CheckoutSessionCreateRequest", {"line_items", "currency", "capabilities"}),
        (Change, "CheckoutSessionUpdateRequest", {"line_items"}),
        (Completion, "CheckoutSessionCompleteRequest", {"payment_data"}),
    ],
)
def test_every_member_of_the_schema_can_be_passed(keywords, definition, others):
    members = set(schemas.definition("checkout", definition)["properties"])
    assert set(keywords.__annotations__) - {"items"} == members - others


def test_a_client_of_ones_own_is_used_and_left_open(session):
    from acp.client import Client

    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json=session)

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        with Client("https://shop.test", "k", http_client=http) as client:
            client.checkout_sessions.retrieve("cs_1")
        assert not http.is_closed
    assert str(asked[0].url) == "https://shop.test/checkout_sessions/cs_1"
