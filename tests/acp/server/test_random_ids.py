"""Ids at random: none holds what a log would mask as a card number."""

from __future__ import annotations

import secrets

import pytest

from acp.redaction import redact_text
from acp.server import deployment


def test_an_id_whose_digits_make_a_card_number_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["ab4242424242424242ab", "abcdefabcdefabcdefab"])
    monkeypatch.setattr(secrets, "token_hex", lambda size: next(drawn))
    id = deployment.random_id("cs")
    assert id.endswith("abcdefabcdefabcdefab")
    assert redact_text(id) == id
