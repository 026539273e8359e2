"""The judge's own verification of signatures: over the bytes that came, in one form, within five minutes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from conformance.signature import read

SENT = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
T = str(int(SENT.timestamp()))
BODY, SECRET = b'{"type": "order_create"}', "whsec_quill"
DIGEST = "c0ffee" + 58 * "0"


def digest(key: bytes = SECRET.encode(), signed: bytes = T.encode() + b"." + BODY) -> str:
    return hmac.new(key, signed, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    "value",
    [
        "", DIGEST, f"t={T}", f"v1={DIGEST}", f"v1={DIGEST},t={T}", f"t={T};v1={DIGEST}", f"t={T}, v1={DIGEST}",
        f"t={T},v1={DIGEST[:32]}", f"t={T},v1={DIGEST}0", f"t={T},v1={DIGEST},v1={DIGEST}", f"t={T},sha256={DIGEST}",
        f"t=-1,v1={DIGEST}", f"t=2026-05-06T12:00:00Z,v1={DIGEST}", f"t=١٧,v1={DIGEST}", f"t={T},v1={DIGEST}\n",
    ],
)  # fmt: skip
def test_another_form_cannot_be_read(value):
    assert read(value) is None


def test_the_digest_of_time_dot_and_body_holds_in_either_case():
    for v1 in (digest(), digest().upper()):
        assert read(f"t={T},v1={v1}").signs(BODY, SECRET)


def test_what_another_tool_computes_holds():
    """`printf '1767225600.{"type":"order_create"}' | openssl dgst -sha256 -hmac whsec_quill`."""
    computed = "fa9372470b774648e1897f4599d57bd738d84a36c679752739db449df57c236e"
    assert read(f"t=1767225600,v1={computed}").signs(b'{"type":"order_create"}', SECRET)


@pytest.mark.parametrize(
    "v1",
    [
        digest(key=b"another"),
        digest(signed=BODY),
        digest(signed=T.encode() + b":" + BODY),
        digest(signed=T.encode() + b"." + BODY.replace(b" ", b"")),
        hashlib.sha256(SECRET.encode() + BODY).hexdigest(),
    ],
)
def test_a_digest_of_anything_else_does_not(v1):
    assert not read(f"t={T},v1={v1}").signs(BODY, SECRET)


def test_a_secret_may_stand_for_its_bytes_in_hex_or_base64():
    key = bytes(range(32))
    for secret in (key.hex(), base64.b64encode(key).decode()):
        assert read(f"t={T},v1={digest(key)}").signs(BODY, secret)
        assert read(f"t={T},v1={digest(secret.encode())}").signs(BODY, secret)


@pytest.mark.parametrize(
    ("seconds", "holds"), [(0, True), (300, True), (-300, True), (301, False), (-301, False), (86_400, False)]
)
def test_the_time_is_right_within_five_minutes(seconds, holds):
    assert read(f"t={T},v1={DIGEST}").is_current(SENT + timedelta(seconds=seconds)) is holds


def test_a_time_that_no_clock_shows_is_wrong_and_no_trouble():
    for t in (T + "000", 5_000 * "9"):
        assert not read(f"t={t},v1={DIGEST}").is_current(SENT)
