"""The journal: what was asked of a shop and what it answered, as both went over the wire, with every secret masked."""

from merchant_mock.journal.entry import Entry, Side
from merchant_mock.journal.journal import Journal
from merchant_mock.journal.search import Search

__all__ = ["Entry", "Journal", "Search", "Side"]
