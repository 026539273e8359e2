"""Log lines."""

from __future__ import annotations

import logging

from acp.server.logs import TextFormatter


def line(message: str, *arguments: object, failure: Exception | None = None) -> str:
    cause = (type(failure), failure, None) if failure else None
    record = logging.LogRecord("shop", logging.INFO, __file__, 1, message, arguments, cause)
    return TextFormatter("%(message)s").format(record)


def test_secrets_are_masked_whoever_writes_them() -> None:
    assert line("card %s", "4242 4242 4242 4242") == "card ***4242"
    assert line("paid with vt_0123456789abcdef") == "paid with vt_***"
    assert line("Authorization: Bearer acp_demo_key") == "Authorization: Bearer ***"


def test_secrets_in_a_traceback_are_masked_too() -> None:
    shown = line("failed", failure=ValueError("4242424242424242"))
    assert "ValueError: ***4242" in shown
