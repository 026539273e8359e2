"""What an observation is shown: one document of the run, where it came from, and what was known before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.dialect import DIALECTS, Dialect
from conformance.document import Document, touches
from conformance.wire.exchange import Exchange


@dataclass(eq=False)
class Sight:
    """One thing that was seen. `document` is what is looked at, `exchange` the answer (or the delivery) it was in.

    `at` is where in the answer it stands: `$` for the whole, `$.order` for an order in a session. `before` is the
    session as it was seen last, `asked` the document of the request, and `given` those of every request about this
    session that was taken, this one last.
    """

    exchange: Exchange
    document: Document
    version: str
    at: str = "$"
    before: Mapping[str, Any] | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)
    given: Sequence[Mapping[str, Any]] = ()
    explained: Sequence[str] = ()
    """Where other observations have found this answer to be wrong; only general ones are told."""
    dialect: Dialect = DIALECTS["2026-04-17"]
    secret: str = ""
    """The secret that events are signed with; empty where the profile names none."""

    def select(self, pattern: str) -> list[tuple[str, Any]]:
        """The places of the document that a pattern fits; see `Document.select`."""
        return self.document.select(pattern)

    def get(self, pattern: str, default: Any = None) -> Any:
        """The value at the first place that a pattern fits."""
        return self.document.get(pattern, default)

    def is_explained(self, at: str) -> bool:
        """Whether another observation has found something to be wrong at a place of the document, above or below."""
        return any(touches(self.at + at.removeprefix("$"), there) for there in self.explained)
