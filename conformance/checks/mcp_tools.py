"""Probes of the list of tools: the five of the binding, and the schemas of what they take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.findings import Blocked, Broken
from conformance.trial import calls
from conformance.trial.tools import LISTED, TOOLS
from conformance.trial.trial import Trial

CREDENTIALS: Final = ("authorization", "token", "access_token", "bearer", "bearer_token", "api_key", "apikey")


@probe(LISTED)
async def all_five_tools_are_listed(trial: Trial) -> str:
    """The list of tools, over all its pages, has the five of the binding; what else there is is told."""
    try:
        seen, listed = await (await calls.tools(trial)).listing()
    except Blocked as blocked:
        if blocked.by != LISTED:
            raise
        raise Broken(blocked.says, *map(expect.answered, blocked.seen)) from None
    names = [str(each.get("name")) for each in listed]
    missing = [tool for tool in TOOLS.values() if tool not in names]
    expect.that(not missing, f"The list of tools lacks {', '.join(missing)}.", seen)
    others = [name for name in names if name not in TOOLS.values()]
    return f"Beside the five there are {', '.join(others)[:300]}, which the protocol does not define." if others else ""


@probe("mcp.tools.schemas-bundled")
async def schemas_stand_alone(trial: Trial) -> None:
    """Each tool of the five has an inputSchema in which every $ref leads to somewhere inside it."""
    seen, listed = await _five(trial)
    for tool in listed:
        schema = tool.get("inputSchema")
        expect.that(isinstance(schema, dict), f"{tool['name']} has no inputSchema that is an object.", seen)
        lost = [ref for ref in _refs(schema) if _target(schema, ref) is None]
        expect.that(not lost, f"The inputSchema of {tool['name']} points to {lost[:1]}, which it does not hold.", seen)


@probe("mcp.tools.no-credentials-in-schema")
async def schemas_ask_for_no_credential(trial: Trial) -> None:
    """No inputSchema of the five has a member for a credential outside of its payload."""
    seen, listed = await _five(trial)
    for tool in listed:
        asked = [name for name in _members(tool.get("inputSchema")) if name.lower() in CREDENTIALS]
        expect.that(not asked, f"The inputSchema of {tool['name']} asks for {', '.join(asked)}.", seen)


async def _five(trial: Trial) -> tuple[Any, list[Mapping[str, Any]]]:
    """The last page of the list, and the tools of the binding. Raises Blocked where it has none of them."""
    seen, listed = await (await calls.tools(trial)).listing()
    five = [each for each in listed if each.get("name") in TOOLS.values()]
    if not five:
        raise Blocked("None of the five tools is listed.", seen, by=LISTED)
    return seen, five


def _refs(schema: Any) -> Iterator[str]:
    """Every $ref of a schema, wherever it stands."""
    if isinstance(schema, dict):
        ref = schema.get("$ref")
        yield from [ref] if isinstance(ref, str) else []
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _refs(inner)


def _target(schema: Any, ref: str) -> Any:
    """What a reference leads to inside a schema, None where it leads out of it or nowhere."""
    if not ref.startswith("#"):
        return None
    if ref != "#" and not ref.startswith("#/"):
        return next((each for each in _objects(schema) if each.get("$anchor") == ref[1:]), None)
    here = schema
    for step in ref.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(here, list) and name.isdigit() and int(name) < len(here):
            here = here[int(name)]
        else:
            here = here.get(name) if isinstance(here, dict) else None
    return here


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _objects(inner)


def _members(schema: Any) -> Iterator[str]:
    """The names of the arguments of a schema and of their members, but for those of `payload`."""
    return _named(schema, schema, frozenset())


def _named(root: Any, schema: Any, above: frozenset[str]) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    ref = schema.get("$ref")
    if isinstance(ref, str) and ref not in above:
        yield from _named(root, _target(root, ref), above | {ref})
    properties = schema.get("properties")
    for name, inner in properties.items() if isinstance(properties, dict) else ():
        yield name
        if name != "payload":
            yield from _named(root, inner, above)
