"""What the schemas forgot to admit, one row per reading; only for requests that servers of ours receive.

The definitions on disk stay equal to the published ones. A server lays these rows over a copy of them, unless it
is strict; what it sends has to satisfy the definitions without the overlay.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from schemas.registry import Documents, documents

Operation = Literal["set", "remove", "rename", "clearable"]


@dataclass(frozen=True, slots=True)
class Change:
    """One edit: `operation` at the JSON pointer `at` inside a definition of a resource."""

    resource: str
    definition: str
    at: str
    operation: Operation
    value: Any = None


@dataclass(frozen=True, slots=True)
class Row:
    """One reading, the first version it is about, and the edits that follow from it."""

    reading: str
    since: str
    reason: str
    changes: tuple[Change, ...]


_QUANTITY: Final = {"type": "integer", "minimum": 1, "maximum": 1_000_000}

ROWS: Final = (
    Row(
        "A01",
        "2026-01-30",
        "No request member says how many of an item are wanted, yet every source but the schema sends `quantity`.",
        (Change("checkout", "Item", "/properties/quantity", "set", _QUANTITY),),
    ),
    Row(
        "A09",
        "2026-04-17",
        "A null in an update clears the member, yet no request member admits null.",
        (
            Change(
                "checkout",
                "CheckoutSessionUpdateRequest",
                "",
                "clearable",
                ("Buyer", "FulfillmentDetails", "Address"),
            ),
        ),
    ),
    Row(
        "A21",
        "2026-01-30",
        "An empty list of extensions fits both forms of the list and is refused for that.",
        (Change("checkout", "Capabilities", "/properties/extensions/oneOf", "rename", "anyOf"),),
    ),
    Row(
        "A36",
        "2025-12-12",
        "Reason codes are said to be open, yet the schema lists them exhaustively.",
        (Change("checkout", "IntentTrace", "/properties/reason_code/enum", "remove"),),
    ),
    Row(
        "A49",
        "2026-01-30",
        "Unknown capabilities are to be ignored, yet the schema refuses them.",
        (
            Change("checkout", "Capabilities", "/additionalProperties", "remove"),
            Change("checkout", "InterventionCapabilities", "/additionalProperties", "remove"),
            Change("checkout", "InterventionCapabilities", "/properties/supported/items/enum", "remove"),
            Change("checkout", "InterventionCapabilities", "/properties/required/items/enum", "remove"),
            Change("checkout", "InterventionCapabilities", "/properties/enforcement/enum", "remove"),
            Change("checkout", "InterventionCapabilities", "/properties/display_context/enum", "remove"),
            Change("checkout", "InterventionCapabilities", "/properties/redirect_context/enum", "remove"),
        ),
    ),
)


@cache
def overlaid(version: str) -> Documents:
    """The documents of a version with every row applied that is about it."""
    copies = deepcopy(dict(documents(version)))
    for change in (change for row in ROWS if row.since <= version for change in row.changes):
        _OPERATIONS[change.operation](copies[change.resource]["$defs"], change)
    return copies


def _place(definitions: dict[str, Any], change: Change) -> tuple[dict[str, Any], str]:
    *steps, last = change.at.removeprefix("/").split("/")
    node = definitions[change.definition]
    for step in steps:
        node = node[step]
    return node, last


def _set(definitions: dict[str, Any], change: Change) -> None:
    parent, key = _place(definitions, change)
    parent[key] = deepcopy(change.value)


def _remove(definitions: dict[str, Any], change: Change) -> None:
    parent, key = _place(definitions, change)
    del parent[key]


def _rename(definitions: dict[str, Any], change: Change) -> None:
    parent, key = _place(definitions, change)
    parent[change.value] = parent.pop(key)


def _clearable(definitions: dict[str, Any], change: Change) -> None:
    """Let optional members be null, also in the objects named by the value, which are copied for this use alone."""
    names = {name: f"{name}In{change.definition}" for name in change.value}
    for name, copied in names.items():
        definitions[copied] = _with_nulls(definitions[name], names)
    definitions[change.definition] = _with_nulls(definitions[change.definition], names)


def _with_nulls(definition: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    required = definition.get("required", ())
    members = {
        key: _redirected(member, names) if key in required else _nullable(_redirected(member, names))
        for key, member in definition["properties"].items()
    }
    return definition | {"properties": members}


def _nullable(member: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [member, {"type": "null"}]}


def _redirected(member: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    name = member.get("$ref", "").removeprefix("#/$defs/")
    return member | {"$ref": f"#/$defs/{names[name]}"} if name in names else member


_OPERATIONS: Final[dict[Operation, Callable[[dict[str, Any], Change], None]]] = {
    "set": _set,
    "remove": _remove,
    "rename": _rename,
    "clearable": _clearable,
}
