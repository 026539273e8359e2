"""The evidence for a launch: run file, report and checklist in one archive, the same bytes for the same run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from conformance.platform import Shown
from conformance.reports.formats import FORMATS

_SINCE: Final = (1980, 1, 1, 0, 0, 0)
_STATES: Final = {"shown": "shown", "attested": "attested", "open": "**open**", "failed": "**failed**"}


def write_bundle(path: Path, run: Mapping[str, Any], items: Sequence[Shown]) -> None:
    """Write the archive. `items` are the checklist with what was shown of it."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, text in _files(run, items):
            archive.writestr(ZipInfo(name, _SINCE), text)


def checklist(run: Mapping[str, Any], items: Sequence[Shown]) -> str:
    """The checklist as Markdown: each item, its state, and what shows it."""
    rows = [f"| {each.item.id} | {each.item.shows} | {_STATES[each.state]} | {_cell(each.says)} |" for each in items]
    head = [
        f"# Launch checklist: {run['profile']}",
        "",
        f"{run['claim']['claim']}, {run['ended']}, {run['digest']}",
        "",
    ]
    return "\n".join([*head, "| item | to be shown | state | evidence |", "| --- | --- | --- | --- |", *rows, ""])


def _files(run: Mapping[str, Any], items: Sequence[Shown]) -> Iterator[tuple[str, str]]:
    yield "checklist.md", checklist(run, items)
    yield from ((f"run{made.suffix}", made.text(run)) for made in (FORMATS["json"], FORMATS["html"]))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
