"""Log lines on standard error, with every secret masked whoever wrote them."""

from __future__ import annotations

import logging

from acp.redaction import redact_text


class RedactingFormatter(logging.Formatter):
    """Masks card numbers, tokens and credentials in the finished line, a traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        """The line to be written."""
        return redact_text(super().format(record))


def log_to_stderr() -> None:
    """Send the log to standard error from the level INFO up; the chatter of the HTTP client is left out."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter("%(asctime)s %(message)s", datefmt="%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
