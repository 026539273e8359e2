"""The progress of a run: a tree of its areas with counts, drawn anew while it goes, on standard error."""

from __future__ import annotations

from collections import Counter
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from conformance.cli.signs import counts
from conformance.verdict.outcome import Result
from conformance.verdict.runner import Run
from conformance.verdict.selection import Selection


class Progress:
    """Shows the areas of a selection while their checks are made; shows nothing where nobody watches."""

    def __init__(self, selection: Selection, *, quiet: bool) -> None:
        self._selection = selection
        self._counts: dict[str, Counter[str]] = {}
        self._left = Counter(selection.catalogue[probe.requirements[0]].area for probe in selection.probes)
        self._doing = ""
        console = Console(stderr=True, highlight=False)
        self._live = None if quiet or not console.is_terminal else Live(console=console, transient=True)

    def __enter__(self) -> Progress:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def tell(self, run: Run, name: str, results: list[Result]) -> None:
        """A check has been made."""
        for result in results:
            area = self._selection.catalogue[result.requirement].area
            self._counts.setdefault(area, Counter())[result.outcome] += 1
            self._left[area] -= 1
        self._doing = name
        if self._live:
            self._live.update(self._drawn())

    def _drawn(self) -> Table:
        drawn = Table.grid(padding=(0, 2, 0, 0))
        for area in dict.fromkeys([*self._counts, *self._left]):
            drawn.add_row(area, counts(self._counts.get(area, Counter())), Text(self._to_come(area), "dim"))
        drawn.add_row(Text(self._doing, "dim"))
        return drawn

    def _to_come(self, area: str) -> str:
        return f"{self._left[area]} to come" if self._left[area] > 0 else ""
