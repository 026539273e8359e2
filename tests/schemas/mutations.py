"""Small damage to valid documents, chosen by a seeded generator."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

ODD_TEXT = ["", "\n", "x" * 5001, "2026-04-17\n", "\u0662026-04-17", "eur\n", "not a uri", "a b@c", "http://", "é"]
ODD_TIMES = [
    "2026-04-17T10:00:00",
    "2026-04-17T25:00:00Z",
    "2026-04-17t10:00:00z",
    "2026-02-30T10:00:00Z",
    "2026-04-17",
]
ODD_VALUES: list[Any] = [None, 0, -1, 1.0, 1.5, True, "", [], {}, [None], {"type": "x"}, 10**30, *ODD_TEXT, *ODD_TIMES]
NAMES = ["type", "id", "extra", "quantity", "amount", "token"]

Container = Any


def mutated(document: Any, random: Random) -> Any:
    """A copy of the document with one to three changes."""
    copy = deepcopy(document)
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        container = random.choice(containers(copy))
        random.choice(KINDS)(container, random)
    return copy


def containers(document: Any) -> list[Container]:
    """Every object and list of a document, the document first."""
    inner = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    nested = [each for value in inner for each in containers(value)]
    return [document, *nested] if isinstance(document, (dict, list)) else nested


def _key(container: Container, random: Random) -> Any:
    keys = list(container) if isinstance(container, dict) else range(len(container))
    return random.choice(keys) if keys else None


def drop(container: Container, random: Random) -> None:
    if (key := _key(container, random)) is not None:
        del container[key]


def add(container: Container, random: Random) -> None:
    value = deepcopy(random.choice(ODD_VALUES))
    if isinstance(container, dict):
        container[random.choice(NAMES)] = value
    else:
        container.append(value)


def retype(container: Container, random: Random) -> None:
    if (key := _key(container, random)) is not None:
        container[key] = deepcopy(random.choice(ODD_VALUES))


def lengthen(container: Container, random: Random) -> None:
    key = _key(container, random)
    if key is not None and isinstance(container[key], (str, list)):
        container[key] = container[key] * 2 + container[key][:1]


def newline(container: Container, random: Random) -> None:
    key = _key(container, random)
    if key is not None and isinstance(container[key], str):
        container[key] += "\n"


def other_case(container: Container, random: Random) -> None:
    key = _key(container, random)
    if key is not None and isinstance(container[key], str):
        container[key] = container[key].swapcase()


def null(container: Container, random: Random) -> None:
    if (key := _key(container, random)) is not None:
        container[key] = None


KINDS: list[Callable[[Container, Random], None]] = [drop, add, retype, lengthen, newline, other_case, null]
