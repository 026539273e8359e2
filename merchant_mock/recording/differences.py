"""Where two answers differ: status, headers, and each member of the body."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from acp import timestamps
from merchant_mock.recording.veil import PLACEHOLDER

MISSING = "(nothing)"
"""What is told of a member that one of the two has not."""

_OF_THE_SERVER = frozenset({"date", "server", "connection", "keep-alive"})
_OF_THE_CALL = frozenset({"request-id", "content-length"})


@dataclass(frozen=True)
class Difference:
    """One place in an answer, with what was recorded there and what came now."""

    where: str
    was: Any
    now: Any

    def to_dict(self) -> dict[str, Any]:
        """The difference as JSON."""
        return {"where": self.where, "was": self.was, "now": self.now}


@dataclass(frozen=True)
class Comparison:
    """How answers are compared. `told` says a recorded text as it is expected now.

    `exact` expects the same bytes; else times, and secrets of one kind, may be others.
    """

    told: Callable[[str], str]
    exact: bool = False

    def replies(self, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> list[Difference]:
        """The differences of two replies, each as a recording has it; None is no answer at all."""
        if was is None or now is None:
            return [] if was is now else [Difference("answer", _status(was), _status(now))]
        found = [] if was["status"] == now["status"] else [Difference("status", was["status"], now["status"])]
        if was["whole"] != now["whole"]:
            found.append(Difference("whole", was["whole"], now["whole"]))
        return [*found, *self._headers(was["headers"], now["headers"]), *self.bodies(was["body"], now["body"])]

    def bodies(self, was: str, now: str) -> list[Difference]:
        """The differences of two bodies."""
        expected = self.told(was)
        if expected == now:
            return []
        try:
            found = list(self._values("$", json.loads(expected), json.loads(now)))
        except (ValueError, RecursionError):
            return [Difference("body", was, now)]
        return found or ([Difference("body, as it is written", was, now)] if self.exact else [])

    def _headers(self, was: Any, now: Any) -> Iterator[Difference]:
        left_out = _OF_THE_SERVER | (frozenset() if self.exact else _OF_THE_CALL)
        before, after = ({name: value for name, value in headers if name not in left_out} for headers in (was, now))
        for name in before | after:
            yield from self._values(f"header {name}", before.get(name, MISSING), after.get(name, MISSING))

    def _values(self, where: str, was: Any, now: Any) -> Iterator[Difference]:
        if isinstance(was, dict) and isinstance(now, dict):
            for name in was | now:
                yield from self._values(f"{where}.{name}", was.get(name, MISSING), now.get(name, MISSING))
        elif isinstance(was, list) and isinstance(now, list):
            for n, (before, after) in enumerate(zip_longest(was, now, fillvalue=MISSING)):
                yield from self._values(f"{where}[{n}]", before, after)
        elif not self._alike(was, now):
            yield Difference(where, was, now)

    def _alike(self, was: Any, now: Any) -> bool:
        if type(was) is type(now) and was == now:
            return True
        if not (isinstance(was, str) and isinstance(now, str)):
            return False
        expected = self.told(was)
        return expected == now or (not self.exact and (_times(was, now) or _secrets(was, now)))


def _status(reply: Mapping[str, Any] | None) -> Any:
    return "none came" if reply is None else reply["status"]


def _times(*texts: str) -> bool:
    try:
        return all(map(timestamps.parse, texts))
    except ValueError:
        return False


def _secrets(*texts: str) -> bool:
    kinds = [found["kind"] if (found := PLACEHOLDER.fullmatch(text)) else None for text in texts]
    return kinds[0] is not None and kinds[0] == kinds[1]
