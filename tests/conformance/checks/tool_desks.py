"""Shops over MCP that are functions: REST is sound, and each tool is answered as a test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from conformance.profile.file import made_of
from conformance.trial.tools import TOOLS
from conformance.trial.trial import Trial
from conformance.wire.line import Limits, Line
from conformance.wire.secrets import Secrets
from tests.conformance.checks.shops import NOW, SESSION

URL = "https://shop.example.com/mcp"
GREETING: dict[str, Any] = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {}}
LISTED = [{"name": name, "inputSchema": {"type": "object"}} for name in TOOLS.values()]


class ToolDesk:
    """An MCP endpoint; `says` maps a method, or a tool, to the members of its message or to a whole response.

    `heard` are the requests that came, as JSON with their headers.
    """

    def __init__(self, says: Mapping[str, Any] | None = None) -> None:
        self._says = dict(says or {})
        self.heard: list[tuple[dict[str, Any], httpx.Headers]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if str(request.url) != URL:
            return httpx.Response(201 if request.method == "POST" else 200, json=SESSION)
        asked = json.loads(request.content)
        self.heard.append((asked, request.headers))
        return self._answer(asked) if "id" in asked else httpx.Response(202)

    def named(self, method: str) -> list[tuple[dict[str, Any], httpx.Headers]]:
        """The requests of a method."""
        return [each for each in self.heard if each[0]["method"] == method]

    def _answer(self, asked: Mapping[str, Any]) -> httpx.Response:
        method = asked["method"]
        says = self._says.get(asked["params"].get("name", method), self._sound(method))
        says = says(asked) if callable(says) else says
        if isinstance(says, httpx.Response):
            return says
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": asked["id"], **says})

    def _sound(self, method: str) -> dict[str, Any] | Callable[[Mapping[str, Any]], dict[str, Any]]:
        known = {"initialize": GREETING, "tools/list": {"tools": LISTED}, "tools/call": SESSION}
        return {"result": known[method]}


def trial(desk: ToolDesk, **mcp: Any) -> Trial:
    """A trial of the shop behind a desk."""
    document = {
        "version": "2026-04-17",
        "merchant": {"url": "https://shop.example.com", "key": "k"},
        "mcp": {"url": URL, **mcp},
        "items": {"in_stock": "sku-1"},
    }
    line = Line(httpx.AsyncClient(transport=httpx.MockTransport(desk)), Limits(), lambda: NOW)
    return Trial(made_of(document, {}, "a profile"), line, Secrets({}), 7, lambda: NOW)
