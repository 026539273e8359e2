import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from acp import signing
from acp.errors import SignatureError, UsageError

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
BODY = b'{"type":"order_create"}'


def test_a_webhook_signature_is_the_hmac_of_time_dot_body():
    expected = hmac.new(b"whsec", f"{int(NOW.timestamp())}.".encode() + BODY, hashlib.sha256).hexdigest()
    assert signing.sign_webhook(BODY, "whsec", at=NOW) == f"t={int(NOW.timestamp())},v1={expected}"


def test_a_good_signature_gives_back_its_time_for_any_of_several_secrets():
    header = signing.sign_webhook(BODY, "old", at=NOW)
    assert signing.verify_webhook(BODY, header, ["new", "old"], now=NOW + timedelta(seconds=299)) == NOW


def test_hexadecimal_in_capitals_is_the_same_signature():
    time, _, digest = signing.sign_webhook(BODY, "s", at=NOW).partition(",v1=")
    signing.verify_webhook(BODY, f"{time},v1={digest.upper()}", ["s"], now=NOW)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "missing"),
        ("", "missing"),
        ("v1=00", "malformed"),
        ("t=1,v1=zz", "malformed"),
        ("t=１,v1=" + "0" * 64, "malformed"),
        (f"t={int(NOW.timestamp())},v1={'0' * 64}", "wrong"),
        (f"t={int(NOW.timestamp())},v1={'0' * 64}\n,v1=", "malformed"),
        (signing.sign_webhook(BODY, "s", at=NOW - timedelta(seconds=301)), "expired"),
        (signing.sign_webhook(BODY, "s", at=NOW + timedelta(seconds=301)), "expired"),
        (signing.sign_webhook(BODY + b" ", "s", at=NOW), "wrong"),
        (signing.sign_webhook(BODY, "another", at=NOW), "wrong"),
    ],
)
def test_a_bad_webhook_signature_is_refused_with_its_reason(header, reason):
    with pytest.raises(SignatureError) as refusal:
        signing.verify_webhook(BODY, header, ["s"], now=NOW)
    assert refusal.value.reason == reason


def test_no_secret_verifies_nothing():
    with pytest.raises(SignatureError):
        signing.verify_webhook(BODY, signing.sign_webhook(BODY, "", at=NOW), [], now=NOW)


private = Ed25519PrivateKey.generate()


@pytest.mark.parametrize(("signer", "verifier"), [(private, private.public_key()), (b"shared", b"shared")])
def test_a_signed_request_verifies_by_public_key_or_shared_secret(signer, verifier):
    signature = signing.sign_request(BODY, signer)
    assert "=" not in signature
    signing.verify_request(BODY, signature, NOW.isoformat(), [verifier], now=NOW)
    with pytest.raises(SignatureError, match="does not match"):
        signing.verify_request(BODY + b" ", signature, NOW.isoformat(), [verifier], now=NOW)


@pytest.mark.parametrize(
    ("timestamp", "reason"),
    [
        (None, "missing"),
        ("yesterday", "malformed"),
        ("2026-05-01T12:00:00", "malformed"),
        ("2026-05-01T12:06:00Z", "expired"),
        ("2026-05-01T11:54:00Z", "expired"),
    ],
)
def test_a_signed_request_needs_a_time_inside_the_window(timestamp, reason):
    with pytest.raises(SignatureError) as refusal:
        signing.verify_request(BODY, signing.sign_request(BODY, b"k"), timestamp, [b"k"], now=NOW)
    assert refusal.value.reason == reason


def test_a_request_verifies_by_any_of_several_keys():
    signature = signing.sign_request(BODY, private)
    signing.verify_request(BODY, signature, NOW.isoformat(), [b"new", private.public_key()], now=NOW)
    with pytest.raises(SignatureError, match="does not match"):
        signing.verify_request(BODY, signature, NOW.isoformat(), [b"new", b"newer"], now=NOW)


def test_a_request_that_should_be_signed_and_is_not_is_refused():
    for signature in (None, ""):
        with pytest.raises(SignatureError) as refusal:
            signing.verify_request(BODY, signature, NOW.isoformat(), [b"k"], now=NOW)
        assert refusal.value.reason == "missing"


def test_a_single_key_that_is_no_sequence_is_named_as_the_mistake():
    with pytest.raises(UsageError, match="as a sequence"):
        signing.verify_request(BODY, signing.sign_request(BODY, b"k"), NOW.isoformat(), b"k", now=NOW)


@pytest.mark.parametrize("signature", ["é", "!!!!!", "A", "AAAA\n", "AA+/", "AA AA", "=", "AAAA==="])
def test_a_signature_that_is_not_base64url_is_refused(signature):
    with pytest.raises(SignatureError, match="base64url"):
        signing.verify_request(BODY, signature, NOW.isoformat(), [b"k"], now=NOW)


class BrokenKey:
    def verify(self, signature: bytes, data: bytes) -> None:
        raise RuntimeError("the key store is down")


def test_a_key_that_fails_for_another_reason_is_not_a_wrong_signature():
    with pytest.raises(RuntimeError, match="key store"):
        signing.verify_request(BODY, signing.sign_request(BODY, b"k"), NOW.isoformat(), [BrokenKey()], now=NOW)
