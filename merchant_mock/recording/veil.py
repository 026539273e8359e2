"""Placeholders for secrets: the same secret has the same placeholder all through a recording, and stands in no file.

Names decide first, then values, as in `acp.redaction`; what is masked in the middle of a text loses its secret for
good. Test cards and test tokens are no secrets and stay, for what a shop does depends on them.
"""

from __future__ import annotations

import json
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from acp.redaction import MASK, SECRET_MEMBERS, is_card_number, redact_text
from merchant_mock.cards import CARDS, TOKENS
from merchant_mock.wire.exchange import Headers

API_KEY = "{{api_key}}"
"""What stands for the bearer key of the shop."""

MOST_SECRETS = 10_000
"""Secrets that are remembered; one that was forgotten gets another placeholder when it comes again."""

DROPPED = frozenset({"cookie", "set-cookie", "signature", "merchant-signature", "proxy-authorization"})
"""Headers whose values cannot be made again from a placeholder."""

PLACEHOLDER = re.compile(r"\{\{(?P<kind>[a-z0-9_-]+?)(?:_(?P<n>\d+))?\}\}")

_TO_TRY = frozenset(card.number for card in CARDS) | frozenset(TOKENS)
_TESTS = "|".join(re.escape(token) for token in sorted(TOKENS, key=len, reverse=True))
_MINTED = re.compile(rf"\b(?!(?:{_TESTS})(?![A-Za-z0-9_-]))(?:vt|spt)_[A-Za-z0-9_-]+")
_STAYS = re.compile(
    rf"\b(?:{_TESTS})(?![A-Za-z0-9_-])|\b[a-z]{{2,8}}_[0-9a-f]{{32}}\b|\b[0-9a-f]{{8}}-(?:[0-9a-f]{{4}}-){{3}}[0-9a-f]{{12}}\b",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(?i)^bearer +(?P<token>\S+)$")
_MEMBER = re.compile(rf'(?i)("(?:{"|".join(sorted(SECRET_MEMBERS))})"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}}\]]+)')


class Veil:
    """What hides the secrets of one shop, whose bearer key is `api_key`, and whose further ones are `agents`."""

    def __init__(self, api_key: str, agents: Iterable[str] = ()) -> None:
        self._known: OrderedDict[str, str] = OrderedDict()
        self._counts: Counter[str] = Counter()
        self._keys = {key: f"{{{{agent_{n}}}}}" for n, key in enumerate(agents, start=1)} | {api_key: API_KEY}

    def know(self, secret: str, placeholder: str) -> None:
        """Let a secret have this placeholder."""
        self._known[secret] = placeholder

    def headers(self, headers: Headers) -> Headers:
        """Headers whose secrets are placeholders."""
        return tuple((name, self._header(name, value)) for name, value in headers)

    def body(self, body: bytes) -> str:
        """A body as text, whose secrets are placeholders; bytes that are not UTF-8 are U+DC80 to U+DCFF in it.

        A JSON document keeps its writing wherever that can be said to hold no secret any more.
        """
        text = body.decode("utf-8", "surrogateescape")
        try:
            document = json.loads(text, object_pairs_hook=once)
        except (ValueError, RecursionError):
            return self.text(_MEMBER.sub(lambda found: f'{found[1]}"{MASK}"', text))
        swapped: dict[str, str] = {}
        veiled = self._value("", document, swapped)
        for old, new in swapped.items():
            text = text.replace(old, new)
        return text if _same(text, veiled) else json.dumps(veiled, ensure_ascii=False)

    def text(self, text: str) -> str:
        """A text whose minted tokens are placeholders, and in which card numbers and credentials are masked."""
        text = _MINTED.sub(lambda found: self._placeholder("token", found[0]), text)
        kept = [found[0] for found in _STAYS.finditer(text)]  # an id may have the digits of a card by chance
        masked = [redact_text(part) for part in _STAYS.split(text)]
        return "".join(part + id for part, id in zip(masked, [*kept, ""], strict=True))

    def _header(self, name: str, value: str) -> str:
        if name in DROPPED:
            return MASK
        if name == "authorization":
            found = _BEARER.match(value)
            return f"Bearer {self._key(found['token'])}" if found else MASK
        return self._placeholder(name, value) if name in SECRET_MEMBERS else self.text(value)

    def _key(self, token: str) -> str:
        return self._keys.get(token) or self._placeholder("key", token)

    def _value(self, name: str, value: Any, swapped: dict[str, str]) -> Any:
        """A JSON value without secrets; how each of them was written, and its placeholder, goes into `swapped`."""
        if isinstance(value, (dict, list)) and name.lower() in SECRET_MEMBERS:
            return MASK
        if isinstance(value, dict):
            return {self.text(key): self._value(key, member, swapped) for key, member in value.items()}
        if isinstance(value, list):
            return [self._value(name, item, swapped) for item in value]
        hidden = self._secret(name.lower(), value)
        if hidden != value:
            swapped[json.dumps(value, ensure_ascii=False)] = json.dumps(hidden, ensure_ascii=False)
        return hidden

    def _secret(self, name: str, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            return MASK if name in SECRET_MEMBERS and value is not None else value
        told = str(value)
        if name in SECRET_MEMBERS:
            return self._named(name, told) if told not in _TO_TRY else value
        veiled = self.text(told)
        return value if veiled == told else veiled

    def _named(self, name: str, value: str) -> str:
        if name == "number":
            return self._placeholder("card" if is_card_number(value) else "number", value)
        return self._placeholder(name, value)

    def _placeholder(self, kind: str, secret: str) -> str:
        if secret not in self._known:
            self._counts[kind] += 1
            self._known[secret] = f"{{{{{kind}_{self._counts[kind]}}}}}"
            if len(self._known) > MOST_SECRETS:
                self._known.popitem(last=False)
        self._known.move_to_end(secret)
        return self._known[secret]


class Unveiling:
    """The way back: what is sent for each placeholder. `api_key` is that of the shop that is asked now."""

    def __init__(self, api_key: str) -> None:
        self._bound = {API_KEY: api_key}

    def bind(self, placeholder: str, value: str) -> None:
        """Send a value for a placeholder from now on."""
        self._bound[placeholder] = value

    def text(self, text: str) -> str:
        """A text with what is bound; a secret that nobody knows any more is made up, always the same."""
        return PLACEHOLDER.sub(lambda found: self._bound.get(found[0]) or _made_up(found), text)


def agent_key(n: int) -> str:
    """What stands for the bearer key of the n-th further agent when a recording is sent again."""
    return f"recorded_agent_{n}"


def _made_up(found: re.Match[str]) -> str:
    make = _MADE_UP.get(found["kind"])
    return found[0] if make is None else make(int(found["n"] or 0))


_MADE_UP: dict[str, Callable[[int], str]] = {
    "card": lambda n: "4242424242424242",
    "cvc": lambda n: f"{(122 + n) % 1000:03d}",
    "token": lambda n: f"vt_recorded_{n}",
    "key": lambda n: f"recorded_key_{n}",
    "agent": agent_key,
}


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose members are each there once. Raises ValueError, because of two only one would be looked at."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is there twice")
    return found


def _same(text: str, document: Any) -> bool:
    try:
        return bool(json.loads(text, object_pairs_hook=once) == document)
    except (ValueError, RecursionError):
        return False
