"""What a tool call came to, in whichever shape it was told: the session or the error that REST would have answered.

The sources part over both shapes, so each is taken (MC-1, MC-2), and `shape` says which it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from conformance.trial.session import is_session
from conformance.wire.exchange import Answer, Exchange

Shape = Literal["result", "structuredContent", "content", "error.data", ""]

SHAPES: Final[dict[Shape, str]] = {
    "result": "directly in result",
    "structuredContent": "in result.structuredContent",
    "content": "as JSON text in result.content[0]",
    "error.data": "in error.data",
    "": "nowhere",
}
"""Where a session or an error stood, in words."""


@dataclass(eq=False)
class Told(Exchange):
    """A call of `tool` as the answer it stands for: 200 with a session, 400 with an error, whichever shape they had.

    `message` is the JSON-RPC answer itself, empty where there was none; then the HTTP answer is shown as it came.
    """

    tool: str = ""
    shape: Shape = ""
    message: dict[str, Any] | None = None

    @property
    def label(self) -> str:
        """What it was, in a few words: `create_checkout_session → error -32000`."""
        if self.message is None:
            return f"{self.tool} → {self.failure.kind if self.failure else f'HTTP {self.status}'}"
        return f"{self.tool} → {'result' if self.code is None else f'error {self.code}'}"

    @property
    def code(self) -> Any:
        """The code of a JSON-RPC error, `isError` for a result that is marked as one, None for any other result."""
        message = self.message or {}
        if "error" in message:
            error = message["error"]
            return error.get("code") if isinstance(error, dict) else None
        return "isError" if self.refused else None

    @property
    def arguments(self) -> dict[str, Any]:
        """What the tool was called with, none where that was no object."""
        sent = self.sent.document
        params = sent.get("params") if isinstance(sent, dict) else None
        arguments = params.get("arguments") if isinstance(params, dict) else None
        return arguments if isinstance(arguments, dict) else {}

    @property
    def shown(self) -> dict[str, Any] | None:
        """The session it shows, None where it shows none."""
        return dict(self.document) if self.succeeded and is_session(self.document) else None

    @property
    def error(self) -> dict[str, Any] | None:
        """The error of the protocol it shows, None where it shows none."""
        return dict(self.document) if self.refused and is_error(self.document) else None


def told(seen: Exchange) -> Told:
    """An exchange with the MCP endpoint as what it stands for."""
    sent = seen.sent.document
    params = sent.get("params") if isinstance(sent, dict) else None
    tool = str(params.get("name", "")) if isinstance(params, dict) else ""
    came = {field.name: getattr(seen, field.name) for field in fields(seen)}
    message = seen.document
    if seen.answer is None or not is_message(message):
        return Told(**came, tool=tool)
    shape, document = _found(message)
    status = 400 if _is_failure(message) else 200
    came["answer"] = Answer(status, _PLAIN, b"" if document is None else json.dumps(document).encode())
    return Told(**came, tool=tool, shape=shape, message=message)


_PLAIN: Final = (("content-type", "application/json"),)


def is_message(document: Any) -> bool:
    """Whether a document is a JSON-RPC answer: an object with a result or an error."""
    return isinstance(document, dict) and ("result" in document or "error" in document)


def is_error(document: Any) -> bool:
    """Whether a document can be called an error of the protocol at all, however faulty."""
    known = ("type", "code", "message", "param")
    return isinstance(document, dict) and sum(name in document for name in known) >= 2


def _is_failure(message: dict[str, Any]) -> bool:
    result = message.get("result")
    return "error" in message or (isinstance(result, dict) and result.get("isError") is True)


def _found(message: dict[str, Any]) -> tuple[Shape, Any]:
    """The first place that holds what is looked for, and what it holds."""
    wanted = is_error if _is_failure(message) else is_session
    places = [(shape, document) for shape, document in _places(message) if wanted(document)]
    return places[0] if places else ("", None)


def _places(message: dict[str, Any]) -> Iterator[tuple[Shape, Any]]:
    error, result = message.get("error"), message.get("result")
    if isinstance(error, dict):
        yield "error.data", error.get("data")
    if isinstance(result, dict):
        yield "result", result
        yield "structuredContent", result.get("structuredContent")
        yield "content", _text(result.get("content"))


def _text(content: Any) -> Any:
    """The JSON value of the text of the first content, None where it is none."""
    first = content[0] if isinstance(content, list) and content else None
    try:
        return json.loads(first["text"]) if isinstance(first, dict) and first.get("type") == "text" else None
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
