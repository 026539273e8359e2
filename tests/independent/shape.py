"""Shapes of request bodies: a few building blocks, each of which tells what is wrong with a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where as a JSONPath; `code` is `missing` or `invalid`."""

    path: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON."""

    def problems(self, value: Any, path: str) -> Iterator[Problem]:
        yield from ()


@dataclass(frozen=True, slots=True)
class Text:
    """A string of at most `most` characters that matches the whole of `pattern` and is one of `among`, where given."""

    most: int | None = None
    pattern: str = ".*"
    among: tuple[str, ...] = ()

    def problems(self, value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(path, "invalid", "must be a string")
        elif self.most is not None and len(value) > self.most:
            yield Problem(path, "invalid", f"must not be longer than {self.most} characters")
        elif self.among and value not in self.among:
            yield Problem(path, "invalid", f"must be one of {', '.join(self.among)}")
        elif not re.fullmatch(self.pattern, value, re.DOTALL | re.ASCII):
            yield Problem(path, "invalid", "is not of the right form")


@dataclass(frozen=True, slots=True)
class Instant:
    """An RFC 3339 date-time."""

    def problems(self, value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, str) or instant(value) is None:
            yield Problem(path, "invalid", "must be an RFC 3339 date-time")


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer of at least `least`; 1.0 is one too."""

    least: int | None = None

    def problems(self, value: Any, path: str) -> Iterator[Problem]:
        if not _is_number(value) or value != int(value):
            yield Problem(path, "invalid", "must be an integer")
        elif self.least is not None and value < self.least:
            yield Problem(path, "invalid", f"must be at least {self.least}")


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    def problems(self, value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, bool):
            yield Problem(path, "invalid", "must be true or false")


@dataclass(frozen=True, slots=True)
class Primitive:
    """A string, a number or a boolean."""

    def problems(self, value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, str | int | float):
            yield Problem(path, "invalid", "must be a string, a number or a boolean")


@dataclass(frozen=True, slots=True)
class Many:
    """An array of at least `least` values of one shape."""

    of: Shape
    least: int = 0

    def problems(self, value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(path, "invalid", "must be an array")
            return
        if len(value) < self.least:
            yield Problem(path, "invalid", f"must have at least {self.least} entries")
        for index, entry in enumerate(value):
            yield from self.of.problems(entry, f"{path}[{index}]")


@dataclass(frozen=True, slots=True)
class Object:
    """An object with the members it must have, those it can have, and `rest` for all others; without, it is closed."""

    needed: Mapping[str, Shape] = field(default_factory=dict)
    optional: Mapping[str, Shape] = field(default_factory=dict)
    rest: Shape | None = None

    def problems(self, value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(path, "invalid", "must be an object")
            return
        for name in self.needed:
            if name not in value:
                yield Problem(f"{path}.{name}", "missing", "is needed")
        known = {**self.needed, **self.optional}
        for name, inner in value.items():
            shape = known.get(name, self.rest)
            if shape is None:
                yield Problem(f"{path}.{name}", "invalid", "is not known here")
            else:
                yield from shape.problems(inner, f"{path}.{name}")


Shape = Anything | Text | Instant | Whole | Flag | Primitive | Many | Object


def fits(shape: Shape, value: Any) -> bool:
    """Whether nothing is wrong with a value."""
    return next(shape.problems(value, "$"), None) is None


def instant(text: str) -> datetime | None:
    """The moment that an RFC 3339 date-time names, or None when the text is none."""
    if not _RFC3339.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:  # the 31st of February
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
