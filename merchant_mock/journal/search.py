"""Which exchanges are meant: by method, path, status, session, headers, text, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import chain

from merchant_mock.journal.entry import Entry

LIMIT = 100
"""Exchanges that are told at once when nobody says how many."""


@dataclass(frozen=True)
class Search:
    """What an exchange has to be. None does not ask.

    `path` may hold `*`. `status` is a number such as `422` or a class such as `4xx`. `header` is a name that either
    side has, or `name: text` for one whose value holds the text. `text` stands somewhere in a body. `since` is a moment
    of the shop's time, `after` the number of an exchange; both leave out what came before. `refused` asks for those of
    which a broken rule is known.
    """

    method: str | None = None
    path: str | None = None
    status: str | None = None
    session: str | None = None
    header: str | None = None
    text: str | None = None
    since: datetime | None = None
    after: int | None = None
    refused: bool | None = None

    def among(self, entries: Iterable[Entry]) -> list[Entry]:
        """The exchanges that are meant, in their order."""
        return sorted((entry for entry in entries if self.means(entry)), key=lambda entry: entry.id)

    def means(self, entry: Entry) -> bool:
        """Whether an exchange is meant."""
        return (
            (self.method is None or entry.method == self.method.upper())
            and (self.path is None or fnmatchcase(entry.path, self.path))
            and (self.status is None or _is(entry.status, self.status))
            and (self.session is None or entry.session_id == self.session)
            and (self.header is None or _has_header(entry, self.header))
            and (self.text is None or any(self.text in (side.body or "") for side in (entry.request, entry.reply)))
            and (self.since is None or entry.at >= self.since)
            and (self.after is None or entry.id > self.after)
            and (self.refused is None or self.refused == (entry.broke is not None))
        )


def _is(status: int | None, wanted: str) -> bool:
    return str(status) == wanted or (wanted.endswith("xx") and str(status)[:1] == wanted[:1])


def _has_header(entry: Entry, wanted: str) -> bool:
    name, _, text = (part.strip() for part in wanted.partition(":"))
    sent = chain(entry.request.headers, entry.reply.headers)
    return any(known == name.lower() and text in value for known, value in sent)
