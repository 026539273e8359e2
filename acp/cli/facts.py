"""Facts in two columns, a label and a value; what cannot be broken, such as an address, is never broken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions
from rich.text import Text

from acp.cli.text import plain, wrapped

GAP = 2
"""Columns between a label and its value."""


@dataclass(frozen=True)
class Facts:
    """Rows of a label and a value; a row without a value is left out."""

    rows: Sequence[tuple[str, object]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """One text a fact, wrapped between words, with the further lines under the first."""
        known = [(label, plain(value)) for label, value in self.rows if value]
        width = max((len(label) for label, _ in known), default=0) + GAP
        for label, value in known:
            told = ("\n" + " " * width).join(wrapped(value, options.max_width - width))
            yield Text.assemble((f"{label:<{width}}", "bold"), told, no_wrap=True, overflow="ignore")
