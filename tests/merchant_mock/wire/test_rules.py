"""Rules as data: which requests and replies they are for, and what they make of them and of order events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from acp import signing
from acp.server.parcel import Parcel, Verdict
from merchant_mock.wire.exchange import Asked, Manner, Reply
from merchant_mock.wire.rules import answers, asked_by, carried, replied_by, trick_of

NOW = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
SECRET = "secret"
JSON = (("content-type", "application/json"),)


def asked(document: Any = None, *, content: bytes | None = None, **sent: str) -> Asked:
    headers = tuple((name.replace("_", "-"), value) for name, value in sent.items())
    body = content if content is not None else orjson.dumps(document)
    return Asked("POST", "/checkout_sessions", headers, body)


def reply(document: Any, status: int = 200) -> Reply:
    body = orjson.dumps(document)
    return Reply(status, (*JSON, ("content-length", str(len(body)))), body)


class Shop:
    """Answers always the same, and keeps what it was asked."""

    def __init__(self, answer: Reply) -> None:
        self.answer = answer
        self.asked: list[Asked] = []

    async def __call__(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        return self.answer


@pytest.mark.parametrize(
    ("wanted", "status", "applies"),
    [
        ({}, 200, True),
        ({}, 400, False),
        ({"asked": ["$.a"]}, 201, True),
        ({"asked": ["$.a"]}, 422, False),
        ({"lacks": ["$.nowhere"]}, 404, False),
        ({"has": ["$.status"]}, 404, True),
        ({"has": ["$.nowhere"]}, 200, False),
        ({"lacks": ["$.status"]}, 200, False),
        ({"headers": {"Content-Type": ".*json"}}, 500, True),
        ({"headers": {"Content-Type": "json"}}, 200, False),
        ({"headers": {"X-Missing": None}}, 200, True),
        ({"headers": {"Content-Type": None}}, 200, False),
        ({"status": [400, 499]}, 499, True),
        ({"status": [400, 499]}, 500, False),
    ],
)
def test_a_rule_is_for_replies_that_have_what_it_says_or_were_successful(
    wanted: dict[str, Any], status: int, applies: bool
) -> None:
    assert answers({"if": wanted}, reply({"status": "open"}, status)) is applies


@pytest.mark.parametrize(
    ("wanted", "request_", "refused"),
    [
        ({"asked": ["$.buyer"]}, asked({"buyer": {}}), True),
        ({"asked": ["$.buyer"]}, asked({}), False),
        ({"unasked": ["$.buyer"]}, asked({}), True),
        ({"unasked": ["$.buyer"]}, asked({"buyer": {}}), False),
        ({"unasked": ["$.buyer"]}, asked(content=b"{"), True),
        ({"sent": {"Request-Id": None}}, asked({}), True),
        ({"sent": {"Request-Id": None}}, asked({}, request_id="r"), False),
        ({"sent": {"Idempotency-Key": ".{3,}"}}, asked({}, idempotency_key="abc"), True),
        ({"sent": {"Idempotency-Key": ".{3,}"}}, asked({}, idempotency_key="ab"), False),
        ({"sent": {"Idempotency-Key": ".{3,}"}}, asked({}), False),
    ],
)
async def test_a_refusal_is_for_requests_that_have_what_it_says_and_the_shop_is_not_asked(
    wanted: dict[str, Any], request_: Asked, refused: bool
) -> None:
    shop = Shop(reply({}))
    error = {"status": 400, "type": "invalid_request", "code": "no", "message": "No."}
    answer = await trick_of({"on": ["create"], "if": wanted, "refusal": error})(request_, shop)
    assert (answer.status, len(shop.asked)) == ((400, 0) if refused else (200, 1))


async def test_a_request_is_changed_before_the_shop_sees_it() -> None:
    shop = Shop(reply({}))
    change = {"body": [{"at": "$.a", "put": 2}], "headers": {"API-Version": "2026-04-17", "X-Gone": None}}
    await trick_of({"on": ["create"], "request": change})(asked({"a": 1}, x_gone="x", content_length="7"), shop)
    seen = shop.asked[0]
    assert (seen.document, seen.header("api-version"), seen.header("x-gone")) == ({"a": 2}, "2026-04-17", None)


@pytest.mark.parametrize("body", [b'{ "b" : 1 }', b'{"b":1,"b":2}', b"{", b""])
async def test_a_request_in_which_nothing_is_found_keeps_its_very_bytes(body: bytes) -> None:
    shop = Shop(reply({}))
    await trick_of({"on": ["create"], "request": {"body": [{"at": "$.a", "put": 2}]}})(asked(content=body), shop)
    assert shop.asked[0].body == body


async def test_a_request_that_the_rule_is_not_for_is_not_changed_nor_is_its_reply() -> None:
    shop, given = Shop(reply({"a": 1})), asked({})
    rule = {
        "on": ["create"],
        "if": {"asked": ["$.buyer"]},
        "request": {"headers": {"X": "1"}},
        "reply": {"status": 500},
    }
    assert await trick_of(rule)(given, shop) is shop.answer
    assert shop.asked == [given]


async def test_a_reply_is_changed_in_body_headers_status_manner_and_time() -> None:
    change = {
        "body": [{"at": "$.a", "put": "longer"}],
        "headers": {"X-New": "1", "Content-Type": None},
        "status": 202,
        "manner": "truncated",
        "after": 0.5,
    }
    changed = await trick_of({"on": ["create"], "reply": change})(asked({}), Shop(reply({"a": 1})))
    assert (changed.status, changed.document, changed.manner, changed.after) == (
        202,
        {"a": "longer"},
        Manner.TRUNCATED,
        0.5,
    )
    assert changed.headers == (("content-length", "14"), ("x-new", "1"))


async def test_text_stands_for_the_whole_body() -> None:
    changed = await trick_of({"on": ["create"], "reply": {"text": "<p>é</p>"}})(asked({}), Shop(reply({})))
    assert (changed.body, changed.header("content-length")) == ("<p>é</p>".encode(), "9")


async def test_a_reply_without_a_document_keeps_its_body() -> None:
    bare = Reply(200, (), b"")
    changed = await trick_of({"on": ["create"], "reply": {"body": [{"at": "$", "put": 1}]}})(asked({}), Shop(bare))
    assert changed.body == b""


async def sent(event: dict[str, Any], **rule: Any) -> Parcel:
    """The parcel that goes out for a parcel under a rule."""
    out: list[Parcel] = []

    async def post(parcel: Parcel) -> Verdict:
        out.append(parcel)
        return Verdict(True, "taken")

    body = orjson.dumps({"type": "order_create", "data": {"status": "created"}})
    parcel = Parcel(1, "ord_1", "me", "http://agent.test", (("x-kept", "yes"),), body, NOW, SECRET).signed()
    assert (await carried({"on": ["event"], "event": event} | rule, post)(parcel)).taken
    return out[0]


def verified(parcel: Parcel) -> bool:
    signature = dict(parcel.headers).get("merchant-signature", "")
    try:
        signing.verify_webhook(parcel.body, signature, [SECRET], now=NOW)
    except Exception:
        return False
    return True


async def test_a_changed_event_is_signed_as_it_goes_out() -> None:
    parcel = await sent({"body": [{"at": "$.data.status", "put": "shipped"}], "headers": {"X-Kept": None, "X-A": "1"}})
    assert parcel.document["data"] == {"status": "shipped"}
    assert verified(parcel)
    assert "x-kept" not in dict(parcel.headers)
    assert dict(parcel.headers)["x-a"] == "1"


async def test_an_event_may_be_changed_under_its_signature() -> None:
    parcel = await sent({"body": [{"at": "$.data.status", "put": "shipped"}], "after_signing": True})
    assert parcel.document["data"] == {"status": "shipped"}
    assert not verified(parcel)


async def test_a_signature_may_be_written_another_way() -> None:
    parcel = await sent({"signature": "v1={v1};t={t}"})
    assert dict(parcel.headers)["merchant-signature"].endswith(f";t={int(NOW.timestamp())}")
    assert not verified(parcel)


async def test_an_event_that_the_rule_is_not_for_goes_out_as_it_is() -> None:
    parcel = await sent({"body": [{"at": "$.type", "put": "x"}]}, **{"if": {"has": ["$.data.refunds"]}})
    assert parcel.document["type"] == "order_create"
    assert verified(parcel)


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
