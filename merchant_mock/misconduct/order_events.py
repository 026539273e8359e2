"""Faults in how order events are sent: kept back, sent again as they were, and signed over the wrong thing."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import orjson

from acp import headers
from acp.server.parcel import Parcel, Post, Verdict
from merchant_mock.deeds import Memory
from merchant_mock.misconduct.register import carriage
from merchant_mock.wire.exchange import header, with_header

KEPT_BACK = Verdict(True, "kept back")
"""What the outbox is told of an event that was not sent at all."""


@carriage
async def event_never_sent(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    return KEPT_BACK


@carriage
async def event_order_create_not_sent(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    return KEPT_BACK if parcel.document["type"] == "order_create" else await post(parcel)


@carriage
async def event_order_update_not_sent(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    return KEPT_BACK if parcel.document["type"] == "order_update" else await post(parcel)


@carriage
async def event_sent_again_as_it_was(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    return await post(memory.setdefault(parcel.event_id, parcel))


@carriage
async def event_shows_the_secret(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    return await post(_with(parcel, "X-Webhook-Secret", parcel.secret))


@carriage
async def event_signature_in_another_header(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    signature = header(parcel.headers, headers.MERCHANT_SIGNATURE)
    return await post(_with(_with(parcel, headers.MERCHANT_SIGNATURE, None), "X-Signature", signature))


@carriage
async def event_signature_in_base64(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    digest = base64.b64encode(hmac.digest(parcel.secret.encode(), _dotted(parcel), sha256)).decode()
    return await post(_signed(parcel, digest))


@carriage
async def event_signature_time_in_words(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    moment = parcel.at.isoformat()
    return await post(_signed(parcel, _hmac(parcel, moment.encode() + b"." + parcel.body), moment))


@carriage
async def event_signature_time_in_milliseconds(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    moment = str(int(parcel.at.timestamp() * 1000))
    return await post(_signed(parcel, _hmac(parcel, moment.encode() + b"." + parcel.body), moment))


@carriage
async def event_signed_when_ordered(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    return await post(replace(parcel, at=parcel.at - timedelta(hours=1)).signed())


@carriage
async def event_signed_in_local_time(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    return await post(replace(parcel, at=parcel.at + timedelta(hours=2)).signed())


@carriage
async def event_signed_with_another_secret(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    return await post(replace(parcel, secret=f"{parcel.secret}_test").signed())


@carriage
async def event_signed_without_time(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    return await post(_signed(parcel, _hmac(parcel, parcel.body)))


@carriage
async def event_signed_with_a_colon(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    return await post(_signed(parcel, _hmac(parcel, _moment(parcel).encode() + b":" + parcel.body)))


@carriage
async def event_signed_over_sorted_json(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    body = orjson.dumps(parcel.document, option=orjson.OPT_SORT_KEYS)
    return await post(_signed(parcel, _hmac(parcel, _dotted(replace(parcel, body=body)))))


@carriage
async def event_signed_over_spaced_json(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    body = json.dumps(parcel.document).encode()
    return await post(_signed(parcel, _hmac(parcel, _dotted(replace(parcel, body=body)))))


@carriage
async def event_signed_as_plain_hash(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    return await post(_signed(parcel, sha256(parcel.secret.encode() + _dotted(parcel)).hexdigest()))


def _with(parcel: Parcel, name: str, value: str | None) -> Parcel:
    return replace(parcel, headers=with_header(parcel.headers, name, value))


def _signed(parcel: Parcel, digest: str, moment: str | None = None) -> Parcel:
    """The parcel with a signature of this digest; its time is that of sending unless there is another."""
    return _with(parcel, headers.MERCHANT_SIGNATURE, f"t={moment or _moment(parcel)},v1={digest}")


def _hmac(parcel: Parcel, message: bytes) -> str:
    return hmac.new(parcel.secret.encode(), message, sha256).hexdigest()


def _dotted(parcel: Parcel) -> bytes:
    """What the protocol has signed."""
    return _moment(parcel).encode() + b"." + parcel.body


def _moment(parcel: Parcel) -> str:
    return str(int(parcel.at.timestamp()))
