"""Event streams, as JSON-RPC over HTTP answers with them: messages, of which one is the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

MEDIA_TYPE: Final = "text/event-stream"

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
"""What ends a line of a stream; a text in JSON may hold what Unicode calls an end of line besides."""


def is_stream(content_type: str | None) -> bool:
    """Whether a Content-Type is that of an event stream."""
    return (content_type or "").partition(";")[0].strip().lower() == MEDIA_TYPE


def answer(body: bytes) -> Any:
    """The last message of a stream that is an answer; None where none is, or not yet as a whole."""
    return next(filter(_is_answer, reversed([*_messages(body)])), None)


def has_ended(body: bytes) -> bool:
    """Whether the last whole event is an answer; a server need not close the stream after it."""
    lines = body.replace(b"\r\n", b"\n")
    end = lines.rfind(b"\n\n")
    begin = lines.rfind(b"\n\n", 0, max(end, 0))
    return end >= 0 and answer(lines[max(begin, 0) : end + 2]) is not None


def _messages(body: bytes) -> Iterator[Any]:
    """The JSON value of the data of each event; an event ends with an empty line, and a line with its end."""
    data: list[str] = []
    for line in _LINE_END.split(body.decode("utf-8-sig", "replace"))[:-1]:
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            yield _json("\n".join(data))
            data = []


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_answer(message: Any) -> bool:
    return isinstance(message, dict) and ("result" in message or "error" in message)
