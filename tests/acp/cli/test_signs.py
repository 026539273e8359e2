from __future__ import annotations

import io

import pytest

from acp.cli.signs import readable


def written(text: str, encoding: str = "ascii", **variables: str) -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    readable(stream, variables)
    stream.write(text)
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)


@pytest.mark.parametrize(
    ("text", "instead"),
    [("✓ 2 × €5 – Zürich…", "OK 2 x EUR 5 - Zurich..."), ("¥100", "JPY 100"), ("茶", "?"), ("plain", "plain")],
)
def test_what_a_stream_cannot_show_is_written_so_that_it_can_be_read(text, instead):
    assert written(text) == instead


@pytest.mark.parametrize(
    ("variables", "plain"),
    [
        ({"LC_ALL": "C"}, True),
        ({"LANG": "POSIX"}, True),
        ({"LC_ALL": "de_DE.UTF-8", "LANG": "C"}, False),
        ({"LC_ALL": "", "LC_CTYPE": "C.UTF-8"}, False),
        ({}, False),
    ],
)
def test_the_locale_may_ask_for_plain_signs(variables, plain):
    assert written("✓", "utf-8", **variables) == ("OK" if plain else "✓")


def test_a_stream_that_cannot_be_changed_is_left_alone():
    readable(io.StringIO(), {"LC_ALL": "C"})


def test_bytes_that_cannot_be_read_stay_an_error():
    written("")
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("ascii", errors="acp.signs")
