"""Personal data in an affiliate's claim, which is no place for them (rfc.affiliate_attribution §6.2, §7.4).

Found are e-mail addresses, phone numbers and members that are called like personal data. The token is its provider's
own and is not looked into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from acp.errors import InvalidRequest
from schemas.problem import json_path

_EMAIL: Final = re.compile(r"[^\s@/:]+@[^\s@/]+\.[^\s@/.]+")
_PHONE: Final = re.compile(r"\+\(?\d(?:[ ().-]?\d){6,14}|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}")
_NAMES: Final = frozenset({"address", "email", "phone", "ssn"})
_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_LONGEST: Final = 500
"""Characters of a text that are looked into."""


def refuse_personal_data(claim: Mapping[str, Any]) -> None:
    """Raises InvalidRequest `pii_not_allowed` for a claim that holds personal data, pointing at the first of them."""
    for steps, value in _members(claim):
        if steps != ("token",) and (_is_called_so(steps[-1]) or _looks_so(value)):
            param = json_path(("affiliate_attribution", *steps))
            says = "An affiliate attribution must not contain personal data."
            raise InvalidRequest(says, code="pii_not_allowed", param=param)


def _members(claim: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The members of a claim, and those of its objects, with the way to each."""
    for name, value in claim.items():
        yield (name,), value
        if isinstance(value, Mapping):
            yield from (((name, inner), held) for inner, held in value.items())


def _is_called_so(name: str) -> bool:
    return any(word.lower() in _NAMES for word in _WORDS.findall(name[:_LONGEST]))


def _looks_so(value: Any) -> bool:
    text = value[:_LONGEST].strip() if isinstance(value, str) else ""
    return _EMAIL.search(text) is not None or _PHONE.fullmatch(text) is not None
