import pytest
from hypothesis import given
from hypothesis import strategies as st

from acp.redaction import has_card_number, is_card_number, redact, redact_text


def luhn_complete(digits: str) -> str:
    return next(digits + check for check in "0123456789" if is_card_number(digits + check))


@given(
    st.sampled_from("23456"),
    st.text("0123456789", min_size=11, max_size=17),
    st.sampled_from(["", " ", "-", ".", "+", "%20"]),
    st.sampled_from(["", "1 ", "12 ", "id 77-", "9"]),
    st.sampled_from(["", " 12/30", " 123", "-11", "4"]),
)
def test_a_card_number_is_masked_wherever_it_stands(first, digits, separator, before, after):
    number = luhn_complete(first + digits)
    written = separator.join(number[i : i + 4] for i in range(0, len(number), 4))
    shown = redact({"note": f"card {before}{written}{after}, thanks"})["note"]
    assert written not in shown
    assert not has_card_number(shown)
    assert shown.startswith("card ")
    assert shown.endswith(", thanks")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("4242424242424242", "***4242"),
        ("4242 4242 4242 4242", "***4242"),
        ("4242.4242.4242.4242 12/30", "***4242/30"),
        ("id 1 4242424242424242 123", "id ***4242"),
        ("4242424242424242 and 5555555555554444", "***4242 and ***4444"),
        ("４２４２４２４２４２４２４２４２", "***4242"),
        ("{'cvc': '123', 'exp': '12'}", "{'cvc': '***', 'exp': '12'}"),
        ("cvv=999 pin: 1234", "cvv=*** pin: ***"),
        ("/a?card=4242+4242+4242+4242", "/a?card=***4242"),
        ("number=4242%204242%204242%204242&exp=12", "number=***4242&exp=12"),
        ("/a?access_token=abc", "/a?access_token=***"),
        ("/a?token=abc", "/a?token=***"),
        ("webhook_secret=abc", "webhook_secret=***"),
        ("a token: it is opaque", "a token: it is opaque"),
        ('{"credential": {"token": "abc \\" def", "type": "spt"', '{"credential": {"token": "***", "type": "spt"'),
        ('{"Authorization":"Basic YQ==","cryptogram":"AgAA', '{"Authorization":"***","cryptogram":"***'),
        ("order 20260501120000 of 1709123456", "order 20260501120000 of 1709123456"),
    ],
)
def test_texts_lose_their_secrets_and_nothing_else(text, shown):
    assert redact_text(text) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (4242424242424242, "***4242"),
        (4242424242424242.0, "***4242"),
        (1762041600123, 1762041600123),
        (1e300, 1e300),
        (float("inf"), float("inf")),
        (True, True),
    ],
)
def test_numbers_that_are_card_numbers_are_masked_and_others_stay_numbers(number, shown):
    kept = redact({"n": number})["n"]
    assert (type(kept), kept) == (type(shown), shown)


@pytest.mark.parametrize("number", ["4242424242424242", "5555555555554444", "378282246310005"])
def test_well_known_card_numbers_pass_the_luhn_check(number):
    assert is_card_number(number)
    assert not is_card_number(number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize("digits", ["", "42", "4242 4242 4242 4242", "٤" * 16, "4" * 20])
def test_other_texts_are_not_card_numbers(digits):
    assert not is_card_number(digits)


def test_secret_members_are_masked_at_any_depth_and_the_rest_is_kept():
    body = {
        "payment_method": {"number": "4000000000000002", "cvc": "123", "name": "Ada", "exp_year": "2030"},
        "payment_data": {"instrument": {"credential": {"type": "spt", "token": "vt_abc"}}},
        "list": [{"cryptogram": "x"}, 3, None, True],
    }
    assert redact(body) == {
        "payment_method": {"number": "***", "cvc": "***", "name": "Ada", "exp_year": "2030"},
        "payment_data": {"instrument": {"credential": {"type": "spt", "token": "***"}}},
        "list": [{"cryptogram": "***"}, 3, None, True],
    }
    assert body["payment_method"]["cvc"] == "123"


def test_whatever_stands_under_a_secret_name_is_masked_and_names_are_read_too():
    assert redact({"token": {"a": 1}, "number": ["4"], "cvc": None, "4242424242424242": 1}) == {
        "token": "***",
        "number": "***",
        "cvc": None,
        "***4242": 1,
    }
    assert redact({"X-Api-Key": "k", "Cookie": "c"}) == {"X-Api-Key": "***", "Cookie": "***"}


def test_headers_lose_their_credentials_in_any_letter_case():
    assert redact({"AUTHORIZATION": "Bearer k", "Signature": "s", "API-Version": "2026-04-17"}) == {
        "AUTHORIZATION": "***",
        "Signature": "***",
        "API-Version": "2026-04-17",
    }


def test_credentials_and_tokens_inside_a_text_are_masked():
    assert redact_text("sent bearer abc.def and vt_123 and spt_9z") == "sent bearer *** and vt_*** and spt_***"


def test_a_card_number_given_as_a_number_is_masked_too():
    assert redact({"pan": 4242424242424242, "amount": 1999}) == {"pan": "***4242", "amount": 1999}
