"""The formats of a report, by name: how each is made of a run file, and how its file's name ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Run = Mapping[str, Any]
"""A run file, as `conformance.verdict.runfile` reads it."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how its file's name ends, and the text of a run in it."""

    suffix: str
    text: Callable[[Run], str]


def _html(run: Run) -> str:
    from conformance.reports.html import html

    return html(run)


def _junit(run: Run) -> str:
    from conformance.reports.junit import junit

    return junit(run)


def _json(run: Run) -> str:
    from conformance.verdict.runfile import text

    return text(run)


def _markdown(run: Run) -> str:
    from conformance.reports.markdown import markdown

    return markdown(run)


def _har(run: Run) -> str:
    from conformance.reports.har import har

    return har(run)


def _badge(run: Run) -> str:
    from conformance.reports.badge import badge

    return badge(run)


FORMATS: Final[Mapping[str, Format]] = {
    "html": Format(".html", _html),
    "junit": Format(".junit.xml", _junit),
    "json": Format(".json", _json),
    "markdown": Format(".md", _markdown),
    "har": Format(".har", _har),
    "badge": Format(".svg", _badge),
}
"""The formats there are; what makes them is imported when it is first needed."""
