"""Secrets of a profile, replaced by the names of variables in everything that is kept.

What the profile names is replaced wherever it stands, in headers, URLs and bodies, also where the answer repeats it in
an escaped or encoded form; what else looks like a card number or a credential is masked by `acp.redaction`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from acp.redaction import redact, redact_text


class Secrets:
    """The secrets by the names under which they are shown, such as `ACP_KEY`; more may be learned during a run."""

    def __init__(self, named: Mapping[str, str] | None = None) -> None:
        self._named: dict[str, str] = {}
        for name, value in (named or {}).items():
            self.learn(name, value)

    def learn(self, name: str, value: str) -> None:
        """Keep a value out of everything that is captured from now on."""
        for form in _forms(value):
            self._named.setdefault(form, name)

    def text(self, text: str) -> str:
        """The text with every secret replaced by `${NAME}` or masked."""
        for value in sorted(self._named, key=len, reverse=True):
            text = text.replace(value, f"${{{self._named[value]}}}")
        return redact_text(text)

    def document(self, value: Any) -> Any:
        """The same for a JSON value; what stands under a secret name, such as `cvc`, is masked whatever it is."""
        return redact(self._replaced(value))

    def _replaced(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._named_in(value)
        if isinstance(value, dict):
            return {self._named_in(name): self._replaced(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self._replaced(item) for item in value]
        return value

    def _named_in(self, text: str) -> str:
        for value in sorted(self._named, key=len, reverse=True):
            if value in text:
                text = text.replace(value, f"${{{self._named[value]}}}")
        return text


def _forms(value: str) -> Iterator[str]:
    """A value as it may come back: plain, in a URL, inside JSON, and in base64."""
    if value:
        yield from dict.fromkeys(
            [value, quote(value, safe=""), json.dumps(value)[1:-1], base64.b64encode(value.encode()).decode()]
        )
