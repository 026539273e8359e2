"""Closed objects: which members a session may have, and which of its active extensions it may have beside them.

The extensions RFC (§3.4, §5.3) lets an extension name the fields it adds, as `$.CheckoutSession.field`; what one names
is no unknown member (A67). One that names nothing may have added anything, so with it nothing can be called unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any, Final

import schemas
from conformance.checking.registry import Look
from conformance.document import Document, has, step
from conformance.trial.sight import Sight

CORE: Final = ("discount",)
"""Extensions whose fields the protocol itself lists."""


def undeclared(
    sight: Sight, at: str, definition: str, beside: Collection[str] = (), where: Mapping[str, Any] | None = None
) -> Iterator[Look]:
    """A look for each object at a pattern, and for each member that neither a definition of the version under test
    nor an active extension knows; `beside` are members that are passed over, and `where` narrows it to objects in
    which some members have some values.
    """
    known = {*members(definition, sight.version), *beside}
    for place, value in sight.select(at):
        if not has(value, where or {}):
            continue
        unknown = [name for name in value if name not in known and not added(sight.document, name)]
        for name in unknown:
            yield Look(step(place, name), f"The member {name[:60]!r} is not one of {definition}.")
        if not unknown:
            yield Look(place)


@cache
def members(definition: str, version: str) -> frozenset[str]:
    """The members that a definition of a version lists."""
    return frozenset(schemas.definition("checkout", definition, version)["properties"])


def added(session: Document, name: str) -> bool:
    """Whether an active extension of a session names a field of this name, or one may have added it untold."""
    for _, extension in session.select("$.capabilities.extensions[*]"):
        named = extension if isinstance(extension, dict) else {"name": extension}
        extends = named.get("extends")
        if not extends and _base(named) not in CORE:
            return True
        if any(name in str(path).split(".")[2:] for path in (extends if isinstance(extends, list) else ())):
            return True
    return False


def _base(extension: dict[str, Any]) -> str:
    return str(extension.get("name")).partition("@")[0]
