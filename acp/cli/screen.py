"""The two streams of a command: what happens goes to standard error, the result to standard output."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from getpass import getpass
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from acp.cli.text import plain

FILE_WIDTH = 100
"""Columns where there is no terminal to fit to."""


class Screen:
    """Where a command speaks. NO_COLOR and a redirected stream are respected by the terminal toolkit."""

    def __init__(self) -> None:
        self._out = _console(stderr=False)
        self._err = _console(stderr=True)

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Say what is being done while it is done; a spinner where somebody watches."""
        with self._err.status(Text(plain(doing))):
            yield

    def done(self, what: str) -> None:
        """Say that a step is done."""
        self._say(Text.assemble(("✓ ", "green"), plain(what)))

    def note(self, what: str) -> None:
        """Say something on the side."""
        self._say(Text(f"  {plain(what)}"))

    def failed(self, sentence: str) -> None:
        """The one line of an error."""
        self._say(Text(f"acp: {plain(sentence)}"))

    def show(self, what: RenderableType) -> None:
        """Show something to the person at the terminal, on the way to the result."""
        self._err.print(what)

    def result(self, what: RenderableType) -> None:
        """Print the result for a person."""
        self._out.print(what)

    def document(self, what: Mapping[str, Any]) -> None:
        """Print the result for a machine."""
        self._out.file.write(json.dumps(what, indent=2) + "\n")

    def ask(self, question: str) -> bool:
        """Ask a yes-or-no question; only yes is yes, and the end of the input is no."""
        self._prompt(f"{question} [y/N] ")
        try:
            return self._err.input().strip().lower() in ("y", "yes")
        except EOFError:
            self._err.print()
            return False

    def line(self, prompt: str) -> str:
        """Ask for something that may be shown."""
        self._prompt(f"{prompt}: ")
        return self._err.input().strip()

    def secret(self, prompt: str) -> str:
        """Ask for something that is not shown while it is typed."""
        return getpass(f"{prompt}: ").strip()

    def _prompt(self, text: str) -> None:
        self._err.print(Text(text, "bold"), end="")

    def _say(self, text: Text) -> None:
        self._err.print(text, soft_wrap=True)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = FILE_WIDTH
    return console
