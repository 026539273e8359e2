"""Secrets and what stands for them."""

from __future__ import annotations

import json

import pytest

from merchant_mock.recording.veil import MOST_SECRETS, Unveiling, Veil


@pytest.fixture
def veil():
    return Veil("the-key")


def test_the_key_of_the_shop_and_others_have_placeholders_of_their_own(veil):
    def of(value):
        return dict(veil.headers((("authorization", value),)))["authorization"]

    assert of("Bearer the-key") == "Bearer {{api_key}}"
    assert [of("Bearer other"), of("bearer third"), of("Bearer other")] == [
        "Bearer {{key_1}}",
        "Bearer {{key_2}}",
        "Bearer {{key_1}}",
    ]
    assert (of("Basic dXNlcjpwYXNz"), of("")) == ("***", "***")


def test_headers_that_are_secret_are_hidden_and_others_stay(veil):
    sent = (("cookie", "a=b"), ("merchant-signature", "t=1,v1=2"), ("x-api-key", "abc"), ("request-id", "r-1"))
    assert veil.headers(sent) == (
        ("cookie", "***"), ("merchant-signature", "***"), ("x-api-key", "{{x-api-key_1}}"), ("request-id", "r-1"),
    )  # fmt: skip


def test_a_test_card_stays_and_every_other_card_goes(veil):
    body = {"number": "4242424242424242", "cvc": "123", "note": "my card is 4111 1111 1111 1111"}
    told = json.loads(veil.body(json.dumps(body).encode()))
    assert told == {"number": "4242424242424242", "cvc": "{{cvc_1}}", "note": "my card is ***1111"}
    assert json.loads(veil.body(b'{"number": "4111111111111111", "NUMBER": "12"}')) == {
        "number": "{{card_1}}",
        "NUMBER": "{{number_1}}",
    }
    assert json.loads(veil.body(b'{"number": 4111111111111111, "n": 5500000000000004}')) == {
        "number": "{{card_1}}",
        "n": "***0004",
    }


def test_a_token_is_the_same_wherever_it_stands(veil):
    minted = veil.body(b'{"id":"vt_0123456789abcdef"}')
    assert minted == '{"id":"{{token_1}}"}'
    assert veil.body(b'{"token": "vt_0123456789abcdef", "other": "spt_9"}') == (
        '{"token": "{{token_1}}", "other": "{{token_2}}"}'
    )
    assert veil.text("/x/vt_0123456789abcdef/y") == "/x/{{token_1}}/y"


def test_the_writing_of_a_body_stays_as_it_was(veil):
    written = '{ "cvc" : "123",\n  "b": [1, 2.50, null], "ü": "\\u00fc" }'
    assert veil.body(written.encode()) == written.replace("123", "{{cvc_1}}")
    assert veil.body(b"") == ""
    assert veil.body(b'{"a": 1}').encode() == b'{"a": 1}'


def test_where_a_secret_stands_twice_or_cannot_be_told_apart_the_body_is_written_anew(veil):
    told = veil.body(b'{ "cvc": "12", "size": "12" }')
    assert json.loads(told) == {"cvc": "{{cvc_1}}", "size": "12"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"cvc": "987", "cvc": "654"}',
        b'{"payment_method": {"number": "4111111111111111", "cvc": "987',
        b'{"token": "plain-secret", ',
        b'{"password": plain-secret }',
        b'{"token": {"value": "plain-secret"}, "cryptogram": ["plain-secret"], "pin": true, "secret": null}',
        b'{"vt_plainsecret": 1, "note": "Bearer plain-secret"}',
        b"cvc=987&number=4111111111111111",
        b'\xff{"cvc": "987"}',
    ],
)
def test_no_secret_is_left_in_a_body_that_is_odd(veil, body):
    told = veil.body(body)
    assert not any(secret in told for secret in ("987", "654", "4111111111111111", "plain-secret", "plainsecret"))


def test_bytes_that_are_no_text_come_back_as_they_were(veil):
    assert veil.body(b"\xff\xfe{").encode("utf-8", "surrogateescape") == b"\xff\xfe{"


def test_an_id_whose_digits_are_those_of_a_card_is_no_card(veil):
    ids = ["cs_4111111111111111aaaaaaaaaaaaaaaa", "41111111-1111-4111-8111-111111111111"]
    assert [veil.text(id) for id in ids] == ids
    assert veil.text("41111111 11111111") == "***1111"


def test_secrets_are_remembered_up_to_a_bound(veil):
    first = veil.text("vt_first")
    for n in range(MOST_SECRETS):
        veil.text(f"vt_{n}")
    assert len(veil._known) == MOST_SECRETS
    assert veil.text("vt_first") != first


def test_what_is_bound_is_sent_and_what_nobody_knows_is_made_up_the_same_each_time():
    way_back = Unveiling("new-key")
    way_back.bind("{{token_1}}", "vt_new")
    told = "{{api_key}} {{token_1}} {{token_2}} {{card_1}} {{cvc_1}} {{key_3}} {{three_ds_cryptogram_1}} {{}}"
    sent = "new-key vt_new vt_recorded_2 4242424242424242 123 recorded_key_3 {{three_ds_cryptogram_1}} {{}}"
    assert way_back.text(told) == sent == way_back.text(told)


def test_a_member_that_is_named_as_a_secret_keeps_its_name(veil):
    told = veil.body(b'{"cvc": "ab", "ab": 1, "{{cvc_1}}": 2}')
    assert json.loads(told) == {"cvc": "{{cvc_1}}", "ab": 1, "{{cvc_1}}": 2}


def test_a_test_token_stays_and_one_that_only_begins_like_it_goes(veil):
    told = veil.body(b'{"token": "vt_test_declined", "note": "vt_test_declined, vt_test_declined_not"}')
    assert json.loads(told) == {"token": "vt_test_declined", "note": "vt_test_declined, {{token_1}}"}
