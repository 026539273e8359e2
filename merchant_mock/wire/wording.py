"""Wire rules in words, for whoever wants to know what a lever changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

_CHECKOUT = ("create", "update", "retrieve", "complete", "cancel")

_EDITS = {
    "put": "{at} becomes {value}",
    "add": "{at} gets {value}",
    "default": "{at} gets what it lacks of {value}",
    "append": "{at} gets one more: {value}",
    "plus": "{at} is {value} more",
    "times": "{at} is {value} times as much",
    "suffix": "{at} ends with {value}",
    "as": "{at} is written as {value}",
    "first": "{at} is cut after {value}",
    "reverse": "{at} stands the other way round",
    "repeat": "{at} is there {value} times",
    "drop": "{at} is left out",
    "rename": "{at} is called {value}",
    "wrap": "{at} is put into a member {value}",
    "copy": "{at} is what {value} is",
}


def told(rule: Mapping[str, Any]) -> Iterator[str]:
    """What a rule does, a sentence for each change."""
    where = "checkout" if tuple(rule["on"]) == _CHECKOUT else ", ".join(rule["on"])
    condition = _condition(rule.get("if", {}))
    for part in ("request", "reply", "event"):
        for change in _changes(rule.get(part, {})):
            yield f"{where}: {'the request, ' if part == 'request' else ''}{change}{condition}"
    if "complaint" in rule:
        yield f"{where}: refused{condition}: {rule['complaint']['says']}"
    if "refusal" in rule:
        yield f"{where}: refused with {rule['refusal']['status']} {rule['refusal']['code']}{condition}"


def _changes(change: Mapping[str, Any]) -> Iterator[str]:
    if "status" in change:
        yield f"status {change['status']}"
    for name, value in change.get("headers", {}).items():
        yield f"no header {name}" if value is None else f"header {name}: {value}"
    for edit in change.get("body", ()):
        yield _edit(edit)
    for name, says in _OTHERS.items():
        if name in change:
            yield says.format(value=change[name])


_WANTED = {
    "has": "there is {}",
    "lacks": "there is no {}",
    "asked": "it was asked with {}",
    "unasked": "it was asked without {}",
}
_HEADERS = {"headers": "there is {}{}", "sent": "{}{} was sent"}

_OTHERS = {
    "text": "the body is {value!r}",
    "manner": "sent {value}",
    "after": "after {value} s",
    "after_signing": "changed after signing",
    "signature": "signed as {value}",
}


def _edit(edit: Mapping[str, Any]) -> str:
    ((kind, value),) = ((name, value) for name, value in edit.items() if name != "at")
    return _EDITS.get(kind, "{at}: " + kind + " {value}").format(at=edit["at"], value=_value(value))


def _value(value: Any) -> str:
    return value if isinstance(value, str) and value.startswith("$") else orjson.dumps(value).decode()


def _condition(wanted: Mapping[str, Any]) -> str:
    said = []
    if "status" in wanted and wanted["status"] != [100, 599]:
        least, most = wanted["status"]
        said.append(f"the status is {least}" if least == most else f"the status is {least} to {most}")
    for member, says in _WANTED.items():
        said += [says.format(path) for path in wanted.get(member, ())]
    for member, says in _HEADERS.items():
        said += [says.format("no " if value is None else "", name) for name, value in wanted.get(member, {}).items()]
    return f", where {' and '.join(said)}" if said else ""
