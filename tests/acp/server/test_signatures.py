"""Signed requests, seen from the wire: once an owner's keys are known, nothing with a body passes without them."""

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from acp import canonical
from acp.signing import WINDOW, sign_request
from tests.acp.server.conftest import CREATE, PAYMENT

KEY = Ed25519PrivateKey.generate()


@pytest.fixture
async def signed(open_shop):
    """A shop that knows two keys of agent one, while one of them is being replaced, and none of agent two."""
    keys = {"agent one": [b"replaced", KEY.public_key()]}
    async with open_shop(request_keys=lambda owner: keys.get(owner, ())) as shopping:
        yield shopping


def signature(shopping, body, *, key=KEY, **age):
    return {
        "Signature": sign_request(canonical.canonical(body), key),
        "Timestamp": (shopping.clock.now - timedelta(**age)).isoformat(),
    }


def refused(response):
    assert response.status_code == 401, response.text
    assert (response.json()["type"], response.json()["code"]) == ("invalid_request", "invalid_signature")
    return response.json()["message"]


@pytest.mark.parametrize("key", [KEY, b"replaced"])
async def test_a_body_signed_by_any_of_the_owners_keys_is_taken(signed, key):
    response = await signed.post("/checkout_sessions", CREATE, **signature(signed, CREATE, key=key))
    assert response.status_code == 201


async def test_a_signature_cannot_be_left_off_once_a_key_is_known(signed):
    assert "Signature header is missing" in refused(await signed.post("/checkout_sessions", CREATE))
    stamp = signature(signed, CREATE)["Timestamp"]
    assert "Signature header is missing" in refused(await signed.post("/checkout_sessions", CREATE, Timestamp=stamp))
    assert signed.shop.requests == []


async def test_a_signature_of_somebody_whose_keys_are_not_known_is_left_unread(signed):
    response = await signed.post("/checkout_sessions", CREATE, token="key-2", Signature="nonsense")
    assert response.status_code == 201


async def test_every_operation_with_a_body_must_be_signed(signed):
    made = await signed.post("/checkout_sessions", CREATE, **signature(signed, CREATE))
    path = f"/checkout_sessions/{made.json()['id']}"
    for suffix, body in (("", {}), ("/complete", {"payment_data": PAYMENT}), ("/cancel", {})):
        refused(await signed.post(path + suffix, body))
    assert (await signed.status(made.json()["id"])) == made.json()["status"]


async def test_a_request_without_a_body_has_nothing_to_sign(signed):
    made = await signed.post("/checkout_sessions", CREATE, **signature(signed, CREATE))
    assert await signed.retrieve(made.json()["id"]) == made.json()
    assert (await signed.cancel(made.json()["id"])).status_code == 200


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Signature": "AAAA"}, "does not match"),
        ({"Signature": sign_request(canonical.canonical(CREATE), Ed25519PrivateKey.generate())}, "does not match"),
        ({"Signature": sign_request(canonical.canonical({**CREATE, "currency": "eur"}), KEY)}, "does not match"),
        ({"Signature": "not base64url!"}, "base64url"),
        ({"Timestamp": "yesterday"}, "RFC 3339"),
        ({"Timestamp": "2026-05-01T12:00:00"}, "RFC 3339"),
        ({"Timestamp": ""}, "needs a Timestamp"),
    ],
)
async def test_a_signature_that_is_not_right_is_refused_before_anything_is_done(signed, change, says):
    sent = signature(signed, CREATE) | change
    assert says in refused(await signed.post("/checkout_sessions", CREATE, key="once", **sent))
    assert signed.shop.requests == []
    retried = await signed.post("/checkout_sessions", CREATE, key="once", **signature(signed, CREATE))
    assert retried.status_code == 201, "a refused signature is not kept under the key"


@pytest.mark.parametrize("side", [1, -1])
async def test_the_time_of_a_signature_may_be_five_minutes_off_on_either_side(signed, side):
    seconds = WINDOW.total_seconds() * side
    inside = signature(signed, CREATE, seconds=seconds)
    assert (await signed.post("/checkout_sessions", CREATE, **inside)).status_code == 201
    outside = signature(signed, CREATE, seconds=seconds + side)
    assert "outside the allowed window" in refused(await signed.post("/checkout_sessions", CREATE, **outside))


async def test_what_is_signed_is_what_the_body_means_not_how_it_is_written(signed):
    sent = signed.headers("k") | signature(signed, CREATE) | {"Content-Type": "application/json"}
    loose = json.dumps(dict(reversed(CREATE.items())), indent=2).replace('"usd"', '"\\u0075sd"').encode()
    assert loose != canonical.canonical(CREATE)
    assert (await signed.http.post("/checkout_sessions", content=loose, headers=sent)).status_code == 201


async def test_a_body_with_a_member_twice_is_refused_whatever_is_signed(signed):
    sent = signed.headers("k") | signature(signed, CREATE) | {"Content-Type": "application/json"}
    twice = canonical.canonical(CREATE).replace(b'"currency":"usd"', b'"currency":"eur","currency":"usd"')
    response = await signed.http.post("/checkout_sessions", content=twice, headers=sent)
    assert (response.status_code, response.json()["code"]) == (400, "duplicate_member")


async def test_a_signed_request_sent_again_changes_nothing(signed):
    sent = signature(signed, CREATE)
    first = await signed.post("/checkout_sessions", CREATE, key="k", **sent)
    signed.clock.advance(seconds=200)
    again = await signed.post("/checkout_sessions", CREATE, key="k", **sent)
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    signed.clock.advance(seconds=200)
    refused(await signed.post("/checkout_sessions", CREATE, key="k", **sent))
