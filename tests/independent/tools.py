"""The shop over MCP, in JSON-RPC written out by hand: a tool call becomes a call of the protocol, its answer a message.

Unless the version says otherwise, the session is the very result and an error stands in the data of a JSON-RPC error,
as the binding of the protocol has it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

import orjson

from tests.independent.gate import Call
from tests.independent.house import AGENTS, House
from tests.independent.profile import SHOP_PATH
from tests.independent.reply import Reply
from tests.independent.tool_list import TOOLS, tool_list
from tests.independent.versions import Manner

SPOKEN: Final = ("2025-06-18", "2025-11-25")
"""The versions of MCP that are spoken here."""

HEADERS: Final = ("api_version", "idempotency_key", "request_id", "user_agent", "accept_language", "timestamp")
"""The members of `meta` that stand for a header."""

WELL: Final = 200
BADLY: Final = 400
"""Under which status a defect finds a message with a result, and one with an error."""


class BadRequest(Exception):
    """A message that is refused for what is wrong with its JSON-RPC; `code` is that of the error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message}


class Tools:
    """The MCP endpoint of one house."""

    def __init__(self, house: House, manner: Manner) -> None:
        self._house = house
        self._manner = manner
        self._slip = house.defect.slip
        self._connection = secrets.token_hex(8)
        self._last = ""

    async def answer(self, origin: str, headers: Mapping[str, str], raw: bytes) -> Reply:
        """What is answered to the body of a POST."""
        if headers.get("authorization", "").removeprefix("Bearer ") not in AGENTS:
            return Reply(401, {"error": "unauthorized"}, {"WWW-Authenticate": "Bearer"})
        message = _read(raw)
        if message is None:
            return Reply(400, _failure(None, {"code": -32700, "message": "That is no JSON-RPC message."}))
        if "id" not in message:
            return Reply(202, b"")
        if message["method"] != "initialize" and not self._is_known(headers):
            return Reply(400, _failure(message["id"], {"code": -32600, "message": "Nobody has initialized that."}))
        return self._sent(message, await self._message(origin, headers, message))

    def _is_known(self, headers: Mapping[str, str]) -> bool:
        """Whether a request comes after an initialization."""
        session = self._connection if self._manner.connected else None
        return headers.get("mcp-session-id") == session and headers.get("mcp-protocol-version") in SPOKEN

    async def _message(self, origin: str, headers: Mapping[str, str], message: dict[str, Any]) -> dict[str, Any]:
        params = message.get("params") or {}
        name = next((short for short, tool in TOOLS.items() if tool == params.get("name")), message["method"])
        try:
            made = await self._made(origin, headers, message["method"], params)
            reply = Reply(BADLY if "error" in made else WELL, {"jsonrpc": "2.0", "id": message["id"], **made})
        except BadRequest as bad:
            reply = Reply(BADLY, _failure(message["id"], bad.error))
        edited: dict[str, Any] = self._house.defect.edited(f"mcp {name}", reply).body
        return edited

    async def _made(
        self, origin: str, headers: Mapping[str, str], method: str, params: dict[str, Any]
    ) -> dict[str, Any]:
        """The result or the error of a method."""
        if method == "initialize":
            return {"result": _greeting(params.get("protocolVersion"))}
        if method == "ping":
            return {"result": {}}
        if method == "tools/list":
            return {"result": tool_list(params.get("cursor"), self._manner.page)}
        if method != "tools/call":
            raise BadRequest(-32601, f"There is no method {method}.")
        call = self._call(origin, headers, params)
        return self._told(await self._house.answer(call))

    def _call(self, origin: str, headers: Mapping[str, str], params: dict[str, Any]) -> Call:
        """The call of the protocol that a tool call stands for. Raises BadRequest."""
        operation = next((short for short, tool in TOOLS.items() if tool == params.get("name")), None)
        if operation is None:
            raise BadRequest(-32602, "There is no such tool.")
        arguments = params.get("arguments") or {}
        meta = self._meta(arguments)
        id = "" if operation == "create" else self._id(arguments)
        steps = "" if operation == "create" else f"/{id}"
        steps += f"/{operation}" if operation in ("complete", "cancel") else ""
        said = {**meta, "authorization": headers["authorization"], "content-type": "application/json"}
        raw = self._raw(operation, arguments)
        return Call(operation, origin, f"{SHOP_PATH}/checkout_sessions{steps}", said, raw, id)

    def _meta(self, arguments: dict[str, Any]) -> dict[str, str]:
        """The headers that `meta` stands for; a call without a key gets one of its own."""
        meta = arguments.get("meta", {} if self._slip == "meta is not needed" else None)
        if not isinstance(meta, dict):
            raise BadRequest(-32602, "meta is needed.")
        if self._slip == "meta is closed" and not meta.keys() <= {*HEADERS, "signature"}:
            raise BadRequest(-32602, "meta has a member that is not known.")
        if self._slip == "meta has the key" and "authorization" not in meta:
            raise BadRequest(-32602, "meta.authorization is needed.")
        said = {name.replace("_", "-"): str(meta[name]) for name in HEADERS if name in meta}
        if self._slip in ("meta is not needed", "the version goes without saying"):
            said.setdefault("api-version", self._house.version.api)
        if "idempotency-key" not in said or self._slip == "keys over MCP are passed over":
            said["idempotency-key"] = secrets.token_hex(8)
        return said

    def _id(self, arguments: dict[str, Any]) -> str:
        id = arguments.get("id", self._last if self._slip == "the last session is meant" else None)
        if not isinstance(id, str):
            raise BadRequest(-32602, "id is needed.")
        return id

    def _raw(self, operation: str, arguments: dict[str, Any]) -> bytes:
        """The body of the call."""
        payload = arguments.get("payload")
        if operation == "retrieve":
            return b""
        if payload is None and operation == "cancel" and self._slip != "a cancel needs a payload":
            return b""
        if payload is None and self._slip == "a payload goes without saying":
            payload = {}
        if self._slip == "the body has no envelope" and operation == "create":
            payload = {name: value for name, value in arguments.items() if name in ("line_items", "currency")}
        if not isinstance(payload, dict):
            raise BadRequest(-32602, "payload is needed.")
        if self._slip == "currencies go without saying" and operation == "create":
            payload = {"currency": "eur", **payload}
        if self._slip == "every order is for one article" and operation == "create":
            payload = {**payload, "line_items": [{"id": "8712000104321"}]}
        return orjson.dumps(payload)

    def _told(self, reply: Reply) -> dict[str, Any]:
        """An answer of the protocol as a result or an error."""
        if reply.status < 300:
            self._last = str(reply.body["id"])
            return {"result": _held(reply.body, self._manner.results)}
        if self._manner.errors != "data":
            return {"result": {**_held(reply.body, self._manner.errors), "isError": True}}
        return {"error": {"code": -32000, "message": reply.body["message"], "data": reply.body}}

    def _sent(self, asked: dict[str, Any], message: dict[str, Any]) -> Reply:
        headers = {"Mcp-Session-Id": self._connection} if self._manner.connected else {}
        headers = headers if asked["method"] == "initialize" else {}
        if not self._manner.streamed:
            return Reply(200, message, headers)
        meanwhile = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "Even."}}
        body = b"id: 1\ndata:\n\n" + b"".join(
            b"event: message\ndata: %s\n\n" % orjson.dumps(each) for each in (meanwhile, message)
        )
        return Reply(200, body, {**headers, "Content-Type": "text/event-stream"})


def _read(raw: bytes) -> dict[str, Any] | None:
    try:
        message = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    is_one = isinstance(message, dict) and message.get("jsonrpc") == "2.0" and isinstance(message.get("method"), str)
    return message if is_one else None


def _failure(id: Any, error: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id, "error": error}


def _greeting(asked: Any) -> dict[str, Any]:
    return {
        "protocolVersion": asked if asked in SPOKEN else SPOKEN[-1],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "rijwielhuis", "version": "3"},
    }


def _held(body: Any, where: str) -> dict[str, Any]:
    """What holds a session or an error in a result."""
    if where == "result":
        held: dict[str, Any] = body
        return held
    text = orjson.dumps(body).decode() if where == "content" else "Alstublieft."
    content = {"content": [{"type": "text", "text": text}]}
    return content | ({"structuredContent": body} if where == "structuredContent" else {})
