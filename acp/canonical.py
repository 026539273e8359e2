"""JSON read strictly, and the canonical form and fingerprint by which two request bodies are the same.

Bodies are equal when they mean the same JSON (rfc.agentic_checkout §6.2): member order, white space, escapes and
`1` against `1.0` make no difference; null against absent and the order of an array do. The fingerprint is the SHA-256
of the RFC 8785 form. What RFC 8785 cannot carry exactly (integers past 2^53, duplicate names) is refused on reading.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import orjson
import rfc8785

from acp.errors import InvalidRequest

MAX_DEPTH = 64
"""Levels of nesting a body may have; no definition of the protocol needs ten."""

MAX_VALUES = 4000
"""Members and items a body may have in all; more only serve to keep a reader busy."""

_MAX_INTEGER = 2**53 - 1
_PLAIN = frozenset({str, int, bool, type(None)})


def parse(raw: bytes) -> Any:
    """The JSON value of `raw`, whole numbers as int. Raises InvalidRequest for anything not exact and unambiguous."""
    try:
        value = orjson.loads(raw)  # strict UTF-8 and grammar; no NaN, no lone surrogates, bounded recursion
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(
            f"The body is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            code="malformed_json",
        ) from None
    opened = raw.count(b"[") + raw.count(b"{")
    if opened > MAX_DEPTH:
        _refuse_deep_nesting(raw)
    if not _is_exact(value, raw):
        value = json.loads(raw, object_pairs_hook=_members, parse_int=_integer, parse_float=_number)
    if raw.count(b",") + opened > MAX_VALUES and _values(value) > MAX_VALUES:
        raise InvalidRequest(f"The body has more than {MAX_VALUES} members and items.", code="too_many_values")
    return value


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a JSON value, as UTF-8 bytes."""
    return _plainly(value) or rfc8785.dumps(value)


def fingerprint(value: Any, key: bytes | None = None) -> str:
    """The SHA-256 of the canonical form in hexadecimal, keyed (HMAC) when a `key` is given; no body at all is None.

    A bare fingerprint of a short secret can be guessed by trying: bodies with card numbers need a key.
    """
    form = canonical(value)
    return (hmac.new(key, form, hashlib.sha256) if key else hashlib.sha256(form)).hexdigest()


def _plainly(value: Any) -> bytes | None:
    """The canonical form as orjson writes it, None where that could differ: numbers with a fraction or beyond 2^53,
    and text beyond ASCII, for RFC 8785 sorts names by UTF-16."""
    if not _is_plain(value):
        return None
    try:
        form = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    except TypeError:
        return None
    return form if form.isascii() else None


def _is_exact(value: Any, raw: bytes) -> bool:
    """Whether nothing was lost in reading `raw` fast: no number was rounded, no member dropped for a later namesake.

    Every member has a colon of its own, and written again none in a text is gained or lost, unless one was escaped.
    """
    if b"\\u003" in raw or not _is_plain(value):
        return False
    try:
        again = orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)
    except TypeError:
        return False
    return again.count(b":") == raw.count(b":")


def _is_plain(value: Any) -> bool:
    """Whether a JSON value has no number with a fraction in it, nor anything that is not JSON."""
    open_values = [value]
    for each in open_values:
        kind = type(each)
        if kind is dict:
            open_values.extend(each.values())
        elif kind is list:
            open_values.extend(each)
        elif kind not in _PLAIN:
            return False
    return True


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise InvalidRequest(f"The member {twice[:64]!r} appears twice in one object.", code="duplicate_member")
    return members


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > _MAX_INTEGER:
        raise InvalidRequest(
            "An integer is larger than 2^53 - 1 and cannot be read exactly everywhere.", code="number_too_large"
        )
    return int(text)


def _number(text: str) -> int | float:
    value = float(text)
    if abs(value) > _MAX_INTEGER:
        raise InvalidRequest(
            "A number is larger than 2^53 - 1 and cannot be read exactly everywhere.", code="number_too_large"
        )
    return int(value) if value.is_integer() else value


def _values(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_values, value.values()))
    return len(value) + sum(map(_values, value)) if isinstance(value, list) else 0


def _refuse_deep_nesting(raw: bytes) -> None:
    depth, in_string, escaped = 0, False, False
    for byte in raw:
        if in_string:
            escaped, in_string = byte == 0x5C and not escaped, byte != 0x22 or escaped
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise InvalidRequest(f"The body is nested more than {MAX_DEPTH} levels deep.", code="too_deep")
        elif byte in b"]}":
            depth -= 1
