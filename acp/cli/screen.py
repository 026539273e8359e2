"""The two streams of a command: what happens goes to standard error, the result to standard output."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from getpass import getpass
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from acp.cli.text import plain, wrapped
from acp.errors import UsageError

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
        with self._err.status(Text(plain(doing)), spinner="dots" if self._err.encoding.startswith("utf") else "line"):
            yield

    def done(self, what: str) -> None:
        """Say that a step is done."""
        self._say("✓ ", what, "green")

    def note(self, what: str) -> None:
        """Say something on the side."""
        self._say("  ", what)

    def failed(self, sentence: str) -> None:
        """The one line of an error."""
        self._say("acp: ", sentence)

    def show(self, what: RenderableType) -> None:
        """Show something to the person at the terminal, on the way to the result."""
        self._err.print(what, crop=False)

    def result(self, what: RenderableType) -> None:
        """Print the result for a person."""
        self._out.print(what, crop=False)

    def document(self, what: Mapping[str, Any]) -> None:
        """Print the result for a machine."""
        try:
            self._out.file.write(json.dumps(what, indent=2) + "\n")
            self._out.file.flush()
        except BrokenPipeError:
            self._out.on_broken_pipe()

    def ask(self, question: str) -> bool:
        """Ask a yes-or-no question; only yes is yes, and the end of the input is no."""
        self._err.print(Text(f"{question} [y/N] ", "bold"), end="")
        with self._line_of_its_own():
            try:
                return self._err.input().strip().lower() in ("y", "yes")
            except EOFError:
                self._err.print()
                return False

    def secret(self, prompt: str) -> str:
        """Ask for something that is not shown while it is typed. Raises UsageError where the input has ended."""
        with self._line_of_its_own():
            try:
                return getpass(f"{prompt}: ").strip()
            except EOFError:
                raise UsageError(f"The input ended at the question for: {prompt}.") from None

    @contextmanager
    def _line_of_its_own(self) -> Iterator[None]:
        """What is said after an interrupted prompt begins on a new line."""
        try:
            yield
        except KeyboardInterrupt:
            self._err.print()
            raise

    def _say(self, mark: str, what: str, style: str = "") -> None:
        """One line in a file; at a terminal wrapped between words, and an id or an address is never broken."""
        told = plain(what)
        if self._err.is_terminal:
            told = ("\n" + " " * len(mark)).join(wrapped(told, self._err.width - len(mark)))
        self._err.print(Text.assemble((mark, style), told), soft_wrap=True)


class _Stream(Console):
    """A stream that nobody may be reading any more: that changes nothing about how a purchase ended."""

    def on_broken_pipe(self) -> None:
        """Say nothing more, instead of ending the program with a code that means something else."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def _console(*, stderr: bool) -> _Stream:
    console = _Stream(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = FILE_WIDTH
    return console
