"""Edits of what a shop writes: small changes of an answer or an event, at a path such as `line_items.*.totals`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.independent.reply import Reply
from tests.independent.wrong.defect import Edit


def drop(*paths: str) -> Edit:
    """Leave these members out of the body."""
    return _each(paths, lambda holder, name: holder.pop(name, None))


def put(path: str, value: Any) -> Edit:
    """Write this value at a path, whatever was there."""
    return _each((path,), lambda holder, name: holder.__setitem__(name, value))


def alter(path: str, change: Callable[[Any], Any]) -> Edit:
    """Write what is at a path in another way, where it is."""

    def do(holder: Any, name: str) -> None:
        if name in holder:
            holder[name] = change(holder[name])

    return _each((path,), do)


def status(code: int) -> Edit:
    """Answer with another status."""
    return lambda reply: setattr(reply, "status", code)


def header(name: str, value: str) -> Edit:
    """Send a header with another value."""
    return lambda reply: reply.headers.__setitem__(name, value)


def body(change: Callable[[Any], Any]) -> Edit:
    """Send another body."""
    return lambda reply: setattr(reply, "body", change(reply.body))


def _each(paths: tuple[str, ...], do: Callable[[Any, str], Any]) -> Edit:
    """Do something with a member, which is what the last step of a path names, of everything the others lead to."""

    def edit(reply: Reply) -> None:
        for path in paths:
            *way, name = path.split(".")
            for holder in _holders(reply.body, way):
                do(holder, name)

    return edit


def _holders(value: Any, way: list[str]) -> Iterator[Any]:
    """What the steps of a path lead to; `*` is every entry, and a step that leads nowhere ends there."""
    if not way:
        yield value
    elif way[0] == "*":
        for inner in value:
            yield from _holders(inner, way[1:])
    elif way[0] in value:
        yield from _holders(value[way[0]], way[1:])
