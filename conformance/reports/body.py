"""A body as a report shows it: JSON on lines of its own, with the place that a finding is about marked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from conformance.document import step
from conformance.wire.record import LONGEST_BODY

MOST_LINES: Final = 2_000
"""Lines of a body that are shown; the run file has the others."""

DEEPEST: Final = 40
"""Levels that are indented; what lies deeper is indented as far as these."""

AROUND: Final = 4
"""Lines of an excerpt before and after the place it is about, and at most of that place after its first."""


@dataclass(frozen=True, slots=True)
class Body:
    """What is shown of a body: its lines, the numbers of those that are marked, and a sentence on what is left out."""

    lines: Sequence[str]
    marked: frozenset[int] = frozenset()
    left_out: str = ""

    @property
    def excerpt(self) -> range:
        """The numbers of the lines around what is marked, or around where it begins when that is long."""
        first = min(self.marked, default=0)
        last = min(max(self.marked, default=-1), first + AROUND)
        return range(max(0, first - AROUND), min(len(self.lines), last + AROUND + 1) if self.marked else 0)


def body(said: Mapping[str, Any], at: str = "") -> Body:
    """The body of a request or an answer, as a run file has it; `at` is the place to mark, such as `$.totals[0]`."""
    if "json" in said:
        placed = list(_lines(said["json"]))
        shown = placed[:MOST_LINES]
        return Body([text for _, text in shown], _marked([path for path, _ in shown], at), _rest(len(placed)))
    lines = said["text"].split("\n") if said.get("text") else []
    cut = f"The first {LONGEST_BODY:,} of {said['bytes']:,} bytes." if said.get("bytes", 0) > LONGEST_BODY else ""
    return Body(lines[:MOST_LINES], left_out=cut or _rest(len(lines)))


def _rest(lines: int) -> str:
    return f"The first {MOST_LINES:,} of {lines:,} lines; the run file has them all." if lines > MOST_LINES else ""


def _marked(paths: Sequence[str], at: str) -> frozenset[int]:
    """The lines of a place; where it is missing, the first line of the nearest place around it."""
    if at in ("", "$"):
        return frozenset()
    within = frozenset(number for number, path in enumerate(paths) if path == at or _holds(at, path))
    around = [number for number, path in enumerate(paths) if _holds(path, at)]
    if within or not around:
        return within
    return frozenset([max(around, key=lambda number: (len(paths[number]), -number))])


def _holds(outer: str, inner: str) -> bool:
    return inner.startswith(outer) and inner[len(outer) : len(outer) + 1] in (".", "[")


class _Piece(NamedTuple):
    """What is still to be written: a value, or the bracket `end` of one, at a path and a depth, between two texts."""

    path: str
    depth: int = 0
    before: str = ""
    value: Any = None
    after: str = ""
    end: str = ""


def _lines(value: Any) -> Iterator[tuple[str, str]]:
    """Each line after the path of what stands on it; without recursion, which a hostile document could exhaust."""
    waiting = [_Piece("$", value=value)]
    while waiting:
        piece = waiting.pop()
        indented = "  " * min(piece.depth, DEEPEST) + piece.before
        if piece.end:
            yield piece.path, indented + piece.end + piece.after
        elif piece.value and isinstance(piece.value, (dict, list)):
            opening, end = "{}" if isinstance(piece.value, dict) else "[]"
            yield piece.path, indented + opening
            waiting.append(piece._replace(before="", end=end))
            waiting.extend(reversed(_held(piece)))
        else:
            yield piece.path, indented + json.dumps(piece.value, ensure_ascii=False) + piece.after


def _held(piece: _Piece) -> list[_Piece]:
    """The members or the entries of a value."""
    here, depth = piece.value, piece.depth + 1
    if isinstance(here, dict):
        named = [(f"{json.dumps(name, ensure_ascii=False)}: ", step(piece.path, name), here[name]) for name in here]
    else:
        named = [("", step(piece.path, number), held) for number, held in enumerate(here)]
    last = len(named) - 1
    return [_Piece(path, depth, b, held, "," if n < last else "") for n, (b, path, held) in enumerate(named)]
