"""What a profile calls secret stands nowhere in what is kept, in whatever form it comes back."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from conformance.wire.secrets import Secrets

KEY = 'k/3y "quoted"'
SECRETS = Secrets({"ACP_KEY": KEY, "ACP_CARD": "4242424242424242"})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Bearer {KEY}", "Bearer ${ACP_KEY}"),
        (f"?key={quote(KEY, safe='')}", "?key=${ACP_KEY}"),
        ('{"echo": "k/3y \\"quoted\\""}', '{"echo": "${ACP_KEY}"}'),
        (f"/of/{quote(KEY)}/", "/of/${ACP_KEY}/"),
        (base64.b64encode(KEY.encode()).decode(), "${ACP_KEY}"),
        (f"{KEY}{KEY}", "${ACP_KEY}${ACP_KEY}"),
        ("4242424242424242", "${ACP_CARD}"),
        ("Bearer another", "Bearer ***"),
        ("card 4000000000000002", "card ***0002"),
        ("nothing", "nothing"),
    ],
)
def test_a_secret_is_shown_as_its_variable_and_the_rest_is_redacted(text, shown):
    assert SECRETS.text(text) == shown


def test_in_a_document_it_is_replaced_in_names_and_values_at_any_depth():
    told = SECRETS.document({"a": [{"number": "4242424242424242", KEY: 1}], "token": KEY, "cvc": "123", "n": 7})
    assert told == {"a": [{"number": "${ACP_CARD}", "${ACP_KEY}": 1}], "token": "${ACP_KEY}", "cvc": "***", "n": 7}


def test_of_two_secrets_the_longer_one_is_seen_first():
    assert Secrets({"SHORT": "abc", "LONG": "abcdef"}).text("abcdef abc") == "${LONG} ${SHORT}"


def test_what_is_learned_during_a_run_is_kept_out_from_then_on():
    secrets = Secrets()
    assert secrets.text("tok-1") == "tok-1"
    secrets.learn("ACP_TOKEN", "tok-1")
    assert secrets.text("tok-1") == "${ACP_TOKEN}"


def test_an_empty_secret_replaces_nothing():
    assert Secrets({"ACP_KEY": ""}).text("text") == "text"


def test_a_card_code_is_one_by_itself_and_not_within_an_id():
    secrets = Secrets({"ACP_CVC": "223"})
    assert secrets.document({"id": "cs_9223a", "x": "223", "y": "code 223."}) == {
        "id": "cs_9223a",
        "x": "${ACP_CVC}",
        "y": "code ${ACP_CVC}.",
    }
