"""What stands for what when a recording is sent again: the ids and tokens of the shop that is asked now."""

from __future__ import annotations

import json
import re
from typing import Any

from merchant_mock.recording.veil import PLACEHOLDER, Unveiling, Veil

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_WORD = re.compile(r"[A-Za-z0-9_-]{6,}")
_NAMES = ("id", "ids", "number")
"""How the members are named that hold what a shop made up: `id`, `order_id`, `item_ids`, `order_number`."""


class Bindings:
    """The ids of a recording and those that stand for them; `was` and `now` are the base URLs of the two shops.

    `veil` hides the secrets of the shop that is asked now behind the placeholders of the recording.
    """

    def __init__(self, was: str, now: str, api_key: str) -> None:
        self._urls = (was.rstrip("/"), now.rstrip("/"))
        self._ids: dict[str, str] = {}
        self._secrets = Unveiling(api_key)
        self.veil = Veil(api_key)

    def learn(self, was: Any, now: Any, name: str = "") -> None:
        """Bind what a reply names: the members of ids, and every placeholder of a secret, to what came in its place."""
        if isinstance(was, dict) and isinstance(now, dict):
            for member in was.keys() & now.keys():
                self.learn(was[member], now[member], member)
        elif isinstance(was, list) and isinstance(now, list):
            for before, after in zip(was, now, strict=False):
                self.learn(before, after, name)
        elif isinstance(was, str) and isinstance(now, str):
            self._bind(name, was, now)

    def path(self, path: str) -> str:
        """A recorded path as it is asked now."""
        return "".join(self._ids.get(part, part) for part in re.split(r"([/?&=])", self._secrets.text(path)))

    def text(self, text: str) -> str:
        """A recorded body or header as it is sent now: a string that is a bound id is the other id."""
        return _STRING.sub(self._string, self._secrets.text(text))

    def told(self, text: str) -> str:
        """A text that was answered, as it would be answered now: with the ids and the address of the other shop."""
        moved = text.replace(*self._urls)
        return _WORD.sub(lambda found: self._ids.get(found[0], found[0]), moved)

    def _string(self, found: re.Match[str]) -> str:
        other = self._ids.get(found[0][1:-1])
        return found[0] if other is None else json.dumps(other)

    def _bind(self, name: str, was: str, now: str) -> None:
        if PLACEHOLDER.fullmatch(was):
            self._secrets.bind(was, now)
            self.veil.know(now, was)
        elif was != now and name.rpartition("_")[2] in _NAMES:
            self._ids[was] = now
