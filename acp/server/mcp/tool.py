"""A tool as data: its name, what it says of itself, the arguments it takes, and what it does with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.types import Scope

from acp.server.mcp.relay import Reply

BEYOND: Final = "Not part of the Agentic Commerce Protocol's MCP binding."
"""How the description of a tool begins that this server adds to the binding."""


OWNER: Final = "acp.owner"
"""Where the scope of an MCP request that was let in says whose it is."""


@dataclass(frozen=True)
class Visit:
    """One tool call under way: whose it is, and the MCP request that brought it."""

    owner: str
    scope: Scope = field(repr=False)


Act = Callable[[Visit, Mapping[str, Any]], Awaitable[Reply]]
"""What a tool does: from the arguments, which fit its schema's envelope, to an answer as REST would give it."""


@dataclass(frozen=True)
class Tool:
    """A tool. `hints` are the annotations of MCP, and true; `answers` is the definition of what it returns.

    `bound` says that it is one of the binding's, `relayed` that it goes through a route of REST.
    """

    name: str
    title: str
    description: str
    arguments: Mapping[str, Any] = field(repr=False)
    act: Act = field(repr=False)
    answers: Mapping[str, Any] = field(repr=False)
    reads: bool = False
    destroys: bool = False
    repeatable: bool = False
    bound: bool = True
    relayed: bool = True

    @property
    def hints(self) -> dict[str, bool]:
        """The annotations: what a client may know of a call before it makes it. A shop is no open world."""
        return {
            "readOnlyHint": self.reads,
            "destructiveHint": self.destroys,
            "idempotentHint": self.repeatable or self.reads,
            "openWorldHint": False,
        }

    @property
    def says(self) -> str:
        """The description, which admits where the tool is none of the binding's."""
        return self.description if self.bound else f"{BEYOND} {self.description}"
