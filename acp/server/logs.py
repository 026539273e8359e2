"""Log lines for people and for machines, with every secret masked when the line is made, whoever wrote it.

`JsonFormatter` belongs on a handler, as with any other formatter; `RequestLog` among a deployment's observers adds a
line for each request and lets every line written meanwhile, a backend's too, carry the request's id.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from acp.redaction import redact, redact_text
from acp.server.observing import Answered, Asked, Observer, current
from acp.visible import visible

log = logging.getLogger("acp.server.requests")

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"asctime", "color_message", "message", "taskName"}
"""What every log record has, and uvicorn's second copy of its messages; anything else came as `extra`."""


class RequestLog(Observer):
    """Writes a line for each answered request to the logger `acp.server.requests`, at the level INFO."""

    def answered(self, answered: Answered) -> None:
        """Write the line."""
        endpoint = answered.asked.endpoint
        log.info(
            "%s %s %s",
            endpoint.method,
            endpoint.path,
            answered.status,
            extra={
                "status": answered.status,
                "code": answered.code,
                "seconds": round(answered.seconds, 6),
                "keyed": answered.keyed,
                "replayed": answered.replayed,
            },
        )


class TextFormatter(logging.Formatter):
    """Masks card numbers, tokens and credentials in the finished line, a traceback included.

    What came from outside cannot end the line or steer the terminal: it is written as escapes. The lines of a traceback
    are set in, so that none of them can pass for a line of the log.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line to be written."""
        return redact_text(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """The line without a traceback."""
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        """The traceback below it."""
        return _set_in(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - logging's own name
        """The stack below it."""
        return _set_in(super().formatStack(stack_info))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, the request it belongs to, what came as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line to be written. Members that are not known (no request, no error code) are left out."""
        extra = {name: value for name, value in vars(record).items() if name not in _OWN}
        asked = current.get()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **(_request(asked) if asked else {}),
            **extra,
            "traceback": self.formatException(record.exc_info) if record.exc_info else None,
            "stack": record.stack_info,
        }
        return _written({name: value for name, value in line.items() if value is not None})


def _set_in(text: str) -> str:
    return "\n".join(f"    {visible(line)}" for line in text.split("\n"))


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # logging itself would show the arguments as they are
        return f"{record.msg} {record.args}"


def _request(asked: Asked) -> dict[str, Any]:
    return {
        "request_id": asked.request_id,
        "owner": asked.owner,
        "method": asked.endpoint.method,
        "path": asked.endpoint.path,
        "session_id": asked.session_id,
    }


def _written(line: Mapping[str, Any]) -> str:
    try:
        return json.dumps(redact(line), default=_text)
    except (TypeError, ValueError, RecursionError):  # keys that are no text, or a value that holds itself
        return json.dumps({name: redact_text(str(value)) for name, value in line.items()})


def _text(value: object) -> str:
    return redact_text(str(value))
