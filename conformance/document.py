"""A JSON document with the places of its values, so that one rule can be held against every place it speaks of."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import Any, Final

Place = tuple[str, Any]
"""A value and where it stands, as a path with dots before names and numbers in brackets: `$.totals[0].amount`."""

_INDEX: Final = re.compile(r"\[\d+\]")
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)


class Document:
    """A JSON value, walked once.

    >>> Document({"totals": [{"amount": 1}, {"amount": 2}]}).select("$.totals[*].amount")
    [('$.totals[0].amount', 1), ('$.totals[1].amount', 2)]
    """

    def __init__(self, value: Any) -> None:
        self.value = value

    def select(self, pattern: str) -> list[Place]:
        """Every place that a pattern fits, in the order of the document.

        `[*]` is any entry of an array, `.*` any member, and `..name` a member of this name at any depth.
        """
        if ".." not in pattern and ".*" not in pattern:
            return list(self._places.get(pattern, ()))
        return [place for form, places in self._places.items() if _fits(pattern, form) for place in places]

    def places(self) -> Iterator[Place]:
        """Every value of the document, with its place."""
        return itertools.chain.from_iterable(self._places.values())

    def at(self, path: str, default: Any = None) -> Any:
        """The value at a path, such as one that `select` gave."""
        here = self._places.get(_INDEX.sub("[*]", path), ())
        return next((value for place, value in here if place == path), default)

    def get(self, pattern: str, default: Any = None) -> Any:
        """The value of the first place that a pattern fits."""
        return next((value for _, value in self.select(pattern)), default)

    @cached_property
    def _places(self) -> dict[str, list[Place]]:
        """Every place by its form, which is its path with `[*]` for each number."""
        found: dict[str, list[Place]] = {}
        for place in _walk(self.value):
            found.setdefault(_INDEX.sub("[*]", place[0]), []).append(place)
        return found


def step(path: str, name: str | int) -> str:
    """The path of a member or an entry of what stands at a path."""
    if isinstance(name, int):
        return f"{path}[{name}]"
    return f"{path}.{name}" if _PLAIN.match(name) else f"{path}[{name!r}]"


def _walk(value: Any) -> Iterator[Place]:
    """The places of a value, each before what it holds; without recursion, which a hostile document could exhaust."""
    waiting: list[Place] = [("$", value)]
    while waiting:
        path, here = waiting.pop()
        yield path, here
        if isinstance(here, dict):
            waiting.extend(reversed([(step(path, name), member) for name, member in here.items()]))
        elif isinstance(here, list):
            waiting.extend(reversed([(step(path, number), entry) for number, entry in enumerate(here)]))


def has(value: Any, members: Mapping[str, Any]) -> bool:
    """Whether a value is an object in which these members have these values."""
    return isinstance(value, dict) and all(name in value and value[name] == held for name, held in members.items())


def sorted_deeply(value: Any) -> Any:
    """A value in which the order of every array has gone, to compare where the order says nothing."""
    if isinstance(value, list):
        return sorted((sorted_deeply(entry) for entry in value), key=lambda entry: json.dumps(entry, sort_keys=True))
    return {name: sorted_deeply(member) for name, member in value.items()} if isinstance(value, dict) else value


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern fits a path.

    >>> matches("$.totals[*].amount", "$.totals[0].amount")
    True
    """
    return _fits(pattern, _INDEX.sub("[*]", path))


def touches(one: str, other: str) -> bool:
    """Whether two paths are the same, or one leads on from the other; the whole document touches only itself."""
    short, long = sorted((one, other), key=len)
    return short == long or (short != "$" and long.startswith((f"{short}.", f"{short}[")))


@cache
def _fits(pattern: str, form: str) -> bool:
    return _expression(pattern).fullmatch(form) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    written = re.escape(pattern)
    for special, meant in ((r"\.\.", r"(?:\..+|\[.+\])?\."), (r"\.\*", r"(?:\.\w+|\[[^\]*]+\])")):
        written = written.replace(special, meant)
    return re.compile(written)
