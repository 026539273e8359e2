"""Shops that are right and unusual over MCP: what the binding says one way and the libraries another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.independent.versions import Manner
from tests.independent.wrong.defect import Defect

MANNERS: Final[Mapping[str, Manner]] = {
    "mcp-structured-content": Manner(results="structuredContent"),
    "mcp-json-in-text": Manner(results="content"),
    "mcp-errors-in-results": Manner(results="structuredContent", errors="structuredContent"),
    "mcp-errors-in-text": Manner(results="content", errors="content"),
    "mcp-event-streams": Manner(streamed=True),
    "mcp-connections": Manner(connected=True, page=2),
}

VARIATIONS: Final[Mapping[str, Defect]] = {name: Defect(changes={"manner": manner}) for name, manner in MANNERS.items()}
"""What is changed of the newest version, by the name of the variation."""
