"""The definitions of the tools, from the schemas: a full set, and one that strict function calling takes."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import schemas
from acp.agent.tools.operation import HOST_DECIDES, OPERATIONS, Operation
from acp.agent.tools.strict import CLEAR, strict_schema
from schemas.overlay import overlaid
from schemas.registry import bundled


@dataclass(frozen=True)
class Definition:
    """A tool as a model is told of it; `parameters` is a JSON Schema that stands alone."""

    name: str
    description: str
    parameters: dict[str, Any] = field(repr=False)
    strict: bool


def definitions(*, strict: bool = True, search: bool = False) -> list[Definition]:
    """The tools; with `search` also that for a catalogue.

    A strict definition is in the subset that strict function calling guarantees, so open maps such as metadata are
    left out of it, and null means that nothing is said. The full ones say all that the protocol's requests can.
    """
    wanted = [operation for operation in OPERATIONS if search or operation.name != "search_products"]
    return [_definition(operation, strict) for operation in wanted]


@cache
def full_parameters(operation: Operation) -> dict[str, Any]:
    """The arguments of an operation as JSON Schema; to be treated as read-only."""
    properties: dict[str, Any] = dict(operation.beside)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "required": list(operation.beside),
        "additionalProperties": False,
    }
    if operation.request is not None:
        whole = bundled(overlaid(schemas.LATEST), *operation.request)
        request = whole["$defs"][operation.request[1]]
        properties.update({name: each for name, each in request["properties"].items() if name not in HOST_DECIDES})
        schema["required"] += [name for name in request.get("required", ()) if name in properties]
        schema["$defs"] = _reached(properties, whole["$defs"])
    return schema


def _definition(operation: Operation, strict: bool) -> Definition:
    full = full_parameters(operation)
    parameters = strict_schema(full, clear=_clearable(operation)) if strict else deepcopy(full)
    return Definition(operation.name, operation.says, parameters, strict)


def _clearable(operation: Operation) -> list[str]:
    """Members that an update may clear; a session keeps at least one line item."""
    if operation.name != "update_checkout_session":
        return []
    members = full_parameters(operation)["properties"]
    return [name for name in members if name not in (*operation.beside, "line_items", CLEAR)]


def _reached(node: Any, among: dict[str, Any]) -> dict[str, Any]:
    """The definitions that something refers to, and those that they refer to."""
    found: dict[str, Any] = {}
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            name = str(each.get("$ref", "")).removeprefix("#/$defs/")
            if name in among and name not in found:
                found[name] = among[name]
                waiting.append(among[name])
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return found
