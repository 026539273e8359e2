"""Variations of how the same is written: its bytes are what is signed, and read as the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from acp.errors import SignatureError
from acp.signing import verify_webhook
from merchant_mock.app import DEMO_WEBHOOK_SECRET
from merchant_mock.variations import variations
from tests.merchant_mock.manners.conftest import steps_of
from tests.merchant_mock.manners.errands import one_order
from tests.merchant_mock.walk import NOON, shop_on_the_way


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
