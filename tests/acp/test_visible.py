"""Text from outside, as it is shown."""

from __future__ import annotations

import pytest

from acp.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zwölf Äpfel für 3 €", "Zwölf Äpfel für 3 €"),
        ("two\nlines\r\n", "two\\nlines\\r\\n"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b31m", "\\x9b31m"),
        ("gnp.\u202eexe", "gnp.\\u202eexe"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("lone \ud800", "lone \\ud800"),
        ("a\u00a0b", "a\u00a0b"),
    ],
)
def test_what_moves_hides_or_reverses_is_written_as_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown
