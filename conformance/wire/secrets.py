"""Secrets of a profile, replaced by the names of variables in everything that is kept.

What the profile names is replaced wherever it stands, in headers, URLs and bodies, also where the answer repeats it in
an escaped or encoded form; what else looks like a card number or a credential is masked by `acp.redaction`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from acp.redaction import MASK, SECRET_MEMBERS, redact, redact_text

REMEMBERED: Final = 256
"""Characters of a text up to which what it is shown as is remembered, for most texts come many times."""

SHORT: Final = 5
"""Characters of a secret that is only one where it stands by itself."""


class Secrets:
    """The secrets by the names under which they are shown, such as `ACP_KEY`; more may be learned during a run."""

    def __init__(self, named: Mapping[str, str] | None = None) -> None:
        self._named: dict[str, str] = {}
        self._any: re.Pattern[str] | None = None
        self._shown: dict[str, str] = {}
        for name, value in (named or {}).items():
            self.learn(name, value)

    def learn(self, name: str, value: str) -> None:
        """Keep a value out of everything that is captured from now on."""
        for form in _forms(value):
            self._named.setdefault(form, name)
        longest_first = sorted(self._named, key=len, reverse=True)
        self._any = re.compile("|".join(map(_pattern, longest_first))) if longest_first else None
        self._shown.clear()

    def text(self, text: str) -> str:
        """The text with every secret replaced by `${NAME}`, and the rest of it redacted."""
        if text not in self._shown:
            shown = self._redacted(text)
            if len(text) > REMEMBERED:
                return shown
            self._shown[text] = shown
        return self._shown[text]

    def _redacted(self, text: str) -> str:
        if self._any is None:
            return redact_text(text)
        shown, end = [], 0
        for found in self._any.finditer(text):
            shown += [redact_text(text[end : found.start()]), f"${{{self._named[found.group()]}}}"]
            end = found.end()
        return "".join([*shown, redact_text(text[end:])])

    def document(self, value: Any) -> Any:
        """The same for a JSON value; what stands under a secret name, such as `cvc`, is masked whatever it is."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(name): self._member(name, member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.document(item) for item in value]
        return redact(value)

    def _member(self, name: str, member: Any) -> Any:
        secret = name.lower() in SECRET_MEMBERS and member is not None
        return MASK if secret and not self._holds(member) else self.document(member)

    def _holds(self, member: Any) -> bool:
        """Whether a value is a text that a known secret is in, so that its name says more than a mask."""
        return isinstance(member, str) and self._any is not None and self._any.search(member) is not None


def _pattern(value: str) -> str:
    """A value wherever it stands; a short one, such as a card code, only by itself, for many an id holds its digits."""
    return re.escape(value) if len(value) > SHORT else rf"(?<![0-9A-Za-z]){re.escape(value)}(?![0-9A-Za-z])"


def _forms(value: str) -> Iterator[str]:
    """A value as it may come back: plain, in a URL, inside JSON, and in base64."""
    if value:
        encoded = base64.b64encode(value.encode()).decode()
        yield from dict.fromkeys([value, quote(value, safe=""), quote(value), json.dumps(value)[1:-1], encoded])
