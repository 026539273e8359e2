"""A schema in the subset of strict function calling: every member required, an optional one nullable, objects closed.

What the subset cannot say is left out. An open map has no form in it, so members of that kind are dropped; a condition
or a limit it does not know only widens what a model may send, and arguments are validated again before they are sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

SUBSET: Final[Mapping[str, Any]] = json.loads(Path(__file__).with_name("strict_keywords.json").read_bytes())
"""The keywords and formats that strict function calling takes, and its limits."""

CLEAR: Final = "clear"
"""The argument that names members to be cleared: in strict mode null says nothing."""

_NULL: Final = {"type": "null"}
_HANDLED: Final = frozenset({"$ref", "$defs", "anyOf", "properties", "required", "items", "additionalProperties"})
_COPIED: Final = frozenset(SUBSET["keywords"]) - _HANDLED


def strict_schema(schema: Mapping[str, Any], clear: Sequence[str] = ()) -> dict[str, Any]:
    """The schema of an object in the strict subset; `clear` are members that may be cleared."""
    narrowing = _Narrowing(schema.get("$defs", {}))
    narrowed = narrowing.narrowed({name: each for name, each in schema.items() if name != "$defs"})
    assert narrowed is not None, "the arguments of a tool are an object"  # noqa: S101
    kept = [name for name in clear if name in narrowed["properties"]]
    if kept:
        names = {"type": "array", "items": {"type": "string", "enum": kept}}
        says = {"description": "Members to take back; null for none.", "anyOf": [names, _NULL]}
        narrowed["properties"][CLEAR] = says
        narrowed["required"].append(CLEAR)
    return narrowed | ({"$defs": narrowing.definitions} if narrowing.definitions else {})


class _Narrowing:
    """One schema on its way into the subset, with the definitions that it turns out to need."""

    def __init__(self, among: Mapping[str, Any]) -> None:
        self._among = among
        self._narrowed: dict[str, dict[str, Any] | None] = {}

    @property
    def definitions(self) -> dict[str, Any]:
        """The narrowed definitions that are referred to."""
        return {name: each for name, each in self._narrowed.items() if each is not None}

    def narrowed(self, node: Mapping[str, Any]) -> dict[str, Any] | None:
        """A schema in the subset; None for one that has no form in it."""
        if "$ref" in node:
            return self._reference(node)
        for choice in ("anyOf", "oneOf"):
            if choice in node:
                return self._choice(node[choice], node)
        if node.get("type") == "object":
            return self._object(node)
        if node.get("type") == "array":
            return self._array(node)
        return self._copied(node) if "type" in node or "enum" in node or "const" in node else None

    def _reference(self, node: Mapping[str, Any]) -> dict[str, Any] | None:
        name = node["$ref"].removeprefix("#/$defs/")
        if name not in self._narrowed:
            self._narrowed[name] = {}  # known while it is being narrowed, should it refer to itself
            self._narrowed[name] = self.narrowed(self._among[name])
        return None if self._narrowed[name] is None else {"$ref": node["$ref"]}

    def _choice(self, variants: Sequence[Mapping[str, Any]], node: Mapping[str, Any]) -> dict[str, Any] | None:
        forms = [form for form in map(self.narrowed, variants) if form is not None]
        said = [form for form in forms if form != _NULL]
        return {**self._copied(node), "anyOf": forms} if said else None

    def _object(self, node: Mapping[str, Any]) -> dict[str, Any] | None:
        required = node.get("required", ())
        members = {}
        for name, each in node.get("properties", {}).items():
            form = self.narrowed(each)
            if form is not None:
                members[name] = form if name in required else _nullable(form)
        if not members or any(name not in members for name in required):
            return None
        shape = {"properties": members, "required": list(members), "additionalProperties": False}
        return {**self._copied(node), **shape}

    def _array(self, node: Mapping[str, Any]) -> dict[str, Any] | None:
        items = self.narrowed(node.get("items", {}))
        return None if items is None else {**self._copied(node), "items": items}

    def _copied(self, node: Mapping[str, Any]) -> dict[str, Any]:
        copied = {name: each for name, each in node.items() if name in _COPIED}
        if copied.get("format", SUBSET["formats"][0]) not in SUBSET["formats"]:
            del copied["format"]
        return copied


def _nullable(form: dict[str, Any]) -> dict[str, Any]:
    if _NULL in form.get("anyOf", ()):
        return form
    if "anyOf" in form:
        return form | {"anyOf": [*form["anyOf"], _NULL]}
    return {"anyOf": [form, _NULL]}
