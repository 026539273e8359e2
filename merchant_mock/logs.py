"""Log lines on standard error, as text or as JSON, with every secret masked whoever wrote them."""

from __future__ import annotations

import logging
from enum import StrEnum


class LogFormat(StrEnum):
    """How log lines are written: for people, or one JSON object a line for machines."""

    TEXT = "text"
    JSON = "json"


def log_to_stderr(form: LogFormat = LogFormat.TEXT) -> None:
    """Send the log to standard error from the level INFO up; the chatter of libraries is left out.

    As JSON the lines of `RequestLog` stand for the web server's own line of each request, which is left out too.
    """
    from acp.server.logs import JsonFormatter, TextFormatter

    handler = logging.StreamHandler()
    text = TextFormatter("%(asctime)s %(message)s", datefmt="%H:%M:%S")
    handler.setFormatter(JsonFormatter() if form is LogFormat.JSON else text)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatter in ("httpx", "mcp", "uvicorn.error", *(["uvicorn.access"] if form is LogFormat.JSON else [])):
        logging.getLogger(chatter).setLevel(logging.WARNING)
