"""A checkout session of the run, as it was last seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.document import Document, sorted_deeply
from conformance.wire.exchange import Exchange


@dataclass(eq=False)
class Session:
    """A session. `created` is the exchange that opened it, `seen` the one that showed it last."""

    id: str
    created: Exchange
    seen: Exchange

    @property
    def document(self) -> dict[str, Any]:
        """The session as it was last seen."""
        return dict(self.seen.document)

    @property
    def body(self) -> Document:
        """The same, to select from."""
        return self.seen.body

    @property
    def status(self) -> str:
        """Its status as it was last seen, empty where it shows none."""
        return str(self.document.get("status", ""))

    @property
    def total(self) -> int:
        """What it costs, in minor units; 0 where it does not say."""
        return total_of(self.document)

    @property
    def currency(self) -> str:
        """The currency it says."""
        return str(self.document.get("currency", ""))

    @property
    def order(self) -> dict[str, Any] | None:
        """Its order, where it shows one."""
        order = self.document.get("order")
        return dict(order) if isinstance(order, dict) else None

    def told(self) -> str:
        """What the shop says about it, for a sentence: the status and the codes of its messages."""
        messages = self.document.get("messages")
        codes = [str(m.get("code") or m.get("type")) for m in messages or () if isinstance(m, dict)]
        return f"{self.status or 'no status'}{' (' + ', '.join(codes) + ')' if codes else ''}"


def total_of(document: Any) -> int:
    """The amount of the entry of type total, in minor units; 0 where there is none."""
    totals = document.get("totals") if isinstance(document, dict) else None
    for entry in totals if isinstance(totals, list) else ():
        if isinstance(entry, dict) and entry.get("type") == "total" and isinstance(entry.get("amount"), int):
            return int(entry["amount"])
    return 0


VOLATILE: Final = ("updated_at", "expires_at", "quote_expires_at", "exchange_rate", "exchange_rate_timestamp")
"""Members of a session that time changes, and nobody else."""


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The members in which two states of a session differ, whatever the order of arrays, but for those that time
    changes.
    """
    names = sorted({*before, *after} - {*VOLATILE})
    return [name for name in names if sorted_deeply(before.get(name)) != sorted_deeply(after.get(name))]


def can_be_named(document: Any) -> bool:
    """Whether a session has an id by which it can be asked for: text of whole characters."""
    id = document.get("id")
    return isinstance(id, str) and id.isprintable()


def is_session(document: Any) -> bool:
    """Whether a document can be called a session at all, however faulty; else nothing more is to be said of it."""
    known = ("id", "status", "currency", "line_items", "totals", "fulfillment_options")
    return isinstance(document, dict) and sum(name in document for name in known) >= 3
