import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from acp import canonical
from acp.errors import InvalidRequest

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(values)
def test_reading_what_was_written_gives_the_same_value(value):
    assert canonical.parse(json.dumps(value).encode()) == value


@given(values)
def test_member_order_white_space_and_escapes_make_no_difference(value):
    spaced = json.dumps(value, indent=3, ensure_ascii=False).encode()
    escaped = json.dumps(_reversed(value), ensure_ascii=True).encode()
    assert canonical.fingerprint(canonical.parse(spaced)) == canonical.fingerprint(canonical.parse(escaped))


def _reversed(value):
    if isinstance(value, dict):
        return {name: _reversed(member) for name, member in reversed(value.items())}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("one", "other"),
    [(b'{"a":1}', b'{"a":1.0}'), (b'{"a":100}', b'{"a":1e2}'), (b'{"a":-0.0}', b'{"a":0}'), (b'"\\u0041"', b'"A"')],
)
def test_two_spellings_of_one_value_have_one_fingerprint(one, other):
    assert canonical.fingerprint(canonical.parse(one)) == canonical.fingerprint(canonical.parse(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"a":null}', b"{}"),
        (b"[1,2]", b"[2,1]"),
        (b'{"a":1}', b'{"a":"1"}'),
        (b'{"a":true}', b'{"a":1}'),
        (b'{"a":1.5}', b'{"a":1}'),
        (b"{}", b"null"),
    ],
)
def test_two_values_have_two_fingerprints(one, other):
    assert canonical.fingerprint(canonical.parse(one)) != canonical.fingerprint(canonical.parse(other))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b"{'a':1}", "malformed_json"),
        (b'{"a":NaN}', "malformed_json"),
        (b'{"a":Infinity}', "malformed_json"),
        (b'{"a":"\xff"}', "malformed_json"),
        (b'{"a":"\\ud800"}', "malformed_json"),
        (b"\xef\xbb\xbf{}", "malformed_json"),
        (b'{"a":1,"a":1}', "duplicate_member"),
        (b'{"x":[{"a":1,"b":2,"\\u0061":3}]}', "duplicate_member"),
        (b'{"a":9007199254740992}', "number_too_large"),
        (b'{"a":-9007199254740992}', "number_too_large"),
        (b'{"a":123456789012345678901234567890}', "number_too_large"),
        (b'{"a":1e300}', "number_too_large"),
        (b"[" * 65 + b"]" * 65, "too_deep"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, "malformed_json"),
    ],
)
def test_what_cannot_be_read_exactly_and_unambiguously_is_refused(body, code):
    with pytest.raises(InvalidRequest) as refusal:
        canonical.parse(body)
    assert refusal.value.code == code
    assert refusal.value.status == 400


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.text(st.characters(codec="utf-8"))
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
        max_leaves=20,
    )
)
def test_the_canonical_form_is_the_one_rfc_8785_makes_of_any_value(value):
    assert canonical.canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [float("nan"), 2**53, {1: 2}, object(), {"id": b"raw"}])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises((ValueError, TypeError)):
        canonical.canonical(value)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"b":{"c":[{"d":"x:y"},{"d":":"}]},"a":2}',
        b'{"a":"\\u003a","a":1}',
        b'{"a":":","a":"::"}',
        b'{"a":{"a":1},"b":"http://x","b":1.5}',
    ],
)
def test_a_member_that_appears_twice_is_found_among_any_colons(body):
    with pytest.raises(InvalidRequest, match="appears twice"):
        canonical.parse(body)


def test_colons_and_escapes_in_texts_are_no_second_members():
    assert canonical.parse(b'{"a:":"b:c","d":"\\u003a:"}') == {"a:": "b:c", "d": "::"}


def test_the_largest_exact_integer_and_the_deepest_allowed_nesting_pass():
    assert canonical.parse(b"9007199254740991") == 2**53 - 1
    assert canonical.parse(b"[" * 64 + b"]" * 64) is not None
    assert canonical.parse(json.dumps(["[" * 200, '\\"{' * 200]).encode())[0] == "[" * 200


def test_the_canonical_form_is_that_of_rfc_8785():
    assert canonical.canonical({"b": [1, 2.5, "é"], "a": None}) == '{"a":null,"b":[1,2.5,"é"]}'.encode()
