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


def test_what_a_client_sent_cannot_end_a_line_or_steer_the_terminal() -> None:
    assert line("GET %s", "/a\n12:00:00 all is well") == "GET /a\\n12:00:00 all is well"
    assert line("id %s", "\x1b]0;title\x07 \u202etxt") == "id \\x1b]0;title\\x07 \\u202etxt"


def test_no_line_of_a_traceback_passes_for_a_line_of_the_log() -> None:
    shown = line("failed", failure=ValueError("no\n12:00:00 all is well\x1b[2J"))
    assert shown.splitlines() == ["failed", "    ValueError: no", "    12:00:00 all is well\\x1b[2J"]


def test_a_stack_is_set_in_too() -> None:
    record = logging.LogRecord("shop", logging.INFO, __file__, 1, "here", (), None, sinfo="Stack:\n  a\x07")
    assert TextFormatter("%(message)s").format(record) == "here\n    Stack:\n      a\\x07"
