"""Where the command speaks: people get text that fits their terminal, machines get JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
import typer
from rich.console import Console

FILE_WIDTH = 100
"""Columns where there is no terminal to fit to."""


def console() -> Console:
    """Standard output for people; NO_COLOR and a redirected stream are respected by the terminal toolkit."""
    out = Console(highlight=False)
    if not out.is_terminal:
        out.width = FILE_WIDTH
    return out


def document(what: Any) -> None:
    """Print one JSON document; dataclasses become objects, members that are absent null."""
    sys.stdout.write(orjson.dumps(what, option=orjson.OPT_INDENT_2).decode() + "\n")


def write(file: Path, text: str) -> None:
    """Write a file that was asked for. Raises BadParameter where that is not possible."""
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be written: {error.strerror}.") from error
