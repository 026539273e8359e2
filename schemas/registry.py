"""Finds definitions on disk: one folder per dated version, one file per resource, each loaded once and offline."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache, reduce
from pathlib import Path
from typing import Any, Final

Documents = Mapping[str, dict[str, Any]]
"""Resource name to document, as the files of one version hold them."""

_FOLDER: Final = Path(__file__).parent
_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

VERSIONS: Final[tuple[str, ...]] = tuple(sorted(path.name for path in _FOLDER.glob("[0-9]*-[0-9]*-[0-9]*")))
"""Every dated version there are schemas for, oldest first."""

LATEST: Final = VERSIONS[-1]
"""The newest dated version."""


class UnknownVersion(LookupError):
    """There are no schemas for a version of this date."""


class UnknownDefinition(LookupError):
    """A version has no such resource, or the resource no such definition."""


@cache
def documents(version: str) -> Documents:
    """All documents of a version by resource; read on first use, to be treated as read-only."""
    if version not in VERSIONS:
        raise UnknownVersion(f"No schemas for version {version!r}; there are: {', '.join(VERSIONS)}.")
    return {path.stem: json.loads(path.read_bytes()) for path in sorted((_FOLDER / version).glob("*.json"))}


def definition(resource: str, name: str, version: str = LATEST) -> dict[str, Any]:
    """One definition as it stands in its file, references and all; a copy, free to be changed."""
    return deepcopy(find(documents(version), resource, name))


def bundle(resource: str, name: str, version: str = LATEST) -> dict[str, Any]:
    """One schema that stands alone: the definition with all it refers to under local `$defs`."""
    return deepcopy(bundled(documents(version), resource, name))


def find(among: Documents, resource: str, name: str) -> dict[str, Any]:
    """The definition of this name in this resource, or UnknownDefinition with the names there are.

    A part of a definition that has no name of its own is reached by dots: `PaymentData.instrument`.
    """
    if resource not in among:
        raise UnknownDefinition(f"No resource {resource!r}; there are: {', '.join(among)}.")
    known: dict[str, dict[str, Any]] = among[resource]["$defs"]
    first, *inner = name.split(".")
    if first not in known:
        raise UnknownDefinition(f"No definition {first!r} in {resource!r}; there are: {', '.join(known)}.")
    return reduce(_part, inner, known[first])


def _part(node: dict[str, Any], step: str) -> dict[str, Any]:
    found: dict[str, Any] | None = node.get("properties", node).get(step)
    if found is None:
        raise UnknownDefinition(f"A definition has no part {step!r}; it has: {', '.join(node)}.")
    return found


def bundled(among: Documents, resource: str, name: str) -> dict[str, Any]:
    """As `bundle`, of any set of documents; a name from another resource is written `resource.Name`."""
    gathered: dict[str, Any] = {}
    waiting = [(resource, name)]
    while waiting:
        home, wanted = waiting.pop()
        key = _key(home, wanted, resource)
        if key not in gathered:
            found = find(among, home, wanted)
            gathered[key] = _localized(found, home, resource)
            waiting.extend(_references(found, home))
    return {"$schema": _DRAFT, "$ref": f"#/$defs/{name}", "$defs": gathered}


def _key(home: str, name: str, root: str) -> str:
    return name if home == root else f"{home}.{name}"


def _target(reference: str, home: str) -> tuple[str, str]:
    file, _, pointer = reference.partition("#/$defs/")
    return file.removesuffix(".json") or home, pointer


def _references(node: Any, home: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield _target(node["$ref"], home)
        for value in node.values():
            yield from _references(value, home)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value, home)


def _localized(node: Any, home: str, root: str) -> Any:
    if isinstance(node, list):
        return [_localized(value, home, root) for value in node]
    if not isinstance(node, dict):
        return node
    local = {key: _localized(value, home, root) for key, value in node.items()}
    if isinstance(local.get("$ref"), str):
        local["$ref"] = f"#/$defs/{_key(*_target(node['$ref'], home), root)}"
    return local
