"""The units of work. What belongs together is written together: key, session, answer, order and event.

Create, update and cancel are one transaction each. A completion is two: `begin_payment` before the PSP is asked,
`finish_payment` when its outcome is known. A unit that meets somebody else's newer write raises `Stale`; one whose key
was used in the meantime raises `Taken`; either way nothing of it is kept.
"""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from acp import timestamps
from acp.lifecycle import Status, observed
from acp.server.store.backup import backup
from acp.server.store.database import Database, Row
from acp.server.store.events import Events
from acp.server.store.orders import Orders, write_order
from acp.server.store.records import Answer, Backlog, Claim, Intent, Kept, PlacedOrder, Session, Token, moment, turned
from acp.server.store.retention import DEFAULT, Retention, steps

PURGED_AT_ONCE = 100
"""Rows that one transaction of a purge deletes at most: a few milliseconds for whoever writes beside it."""

PURGE_PAUSE_SECONDS = 0.01
"""How long a purge lets others write between two of its transactions."""

INSERT_KEY = "INSERT INTO idempotency (owner, path, key, fingerprint, status, headers, body, claimed_at)"
INSERT_SESSION = "INSERT INTO sessions (id, owner, status, revision, attempts, expires_at, document, asked)"


class Stale(Exception):
    """The session was changed by somebody else since it was read."""


class Taken(Exception):
    """The idempotency key was used by another request in the meantime."""


class Store:
    """Sessions, keys, payments, orders, events and tokens in one SQLite file; UsageError if it cannot be used.

    A file of an older version of this library is brought up to date. While the file cannot be used, for example because
    it is locked or the disk is full, every method raises StoreUnavailable and nothing is changed.
    """

    def __init__(self, path: str | Path, *, retention: Retention = DEFAULT) -> None:
        self._database = Database(path)
        self._retention = retention.keys.total_seconds()
        self._kept = retention
        self.events = Events(self._database)
        self.orders = Orders(self._database, self.events)

    def close(self) -> None:
        """Finish what was handed over and close the file."""
        self._database.close()

    async def probe(self) -> None:
        """Read, and commit a write that changes nothing; whatever stands in the way of either is raised."""

        def work(db: sqlite3.Connection) -> None:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            db.execute(f"PRAGMA user_version = {version}")

        self._database.read("SELECT 1")
        await self._database.write(work)

    def backlog(self, now: datetime) -> Backlog:
        """What waits in the store at `now`."""
        pending, since = self._database.read(
            "SELECT count(*), min(next_at) FROM events WHERE delivered_at IS NULL AND dead_at IS NULL"
        )[0]
        (dead,) = self._database.read("SELECT count(*) FROM events WHERE dead_at IS NOT NULL")[0]
        (payments,) = self._database.read("SELECT count(*) FROM intents")[0]
        overdue = 0.0 if since is None else max(0.0, now.timestamp() - since)
        return Backlog(pending, dead, overdue, payments)

    # Idempotency keys

    def kept(self, claim: Claim) -> Kept | None:
        """What is known of a key that was used less than the retention time ago."""
        rows = self._database.read(
            "SELECT fingerprint, status, body, headers FROM idempotency"
            " WHERE owner = ? AND path = ? AND key = ? AND claimed_at > ?",
            claim.owner, claim.path, claim.key, claim.at.timestamp() - self._retention,
        )  # fmt: skip
        if not rows:
            return None
        fingerprint, status, body, headers = rows[0]
        return Kept(fingerprint, Answer(status, body, orjson.loads(headers)) if status is not None else None)

    async def remember(self, claim: Claim, answer: Answer) -> None:
        """Keep an answer that changed nothing else, such as a refusal. Raises Taken."""
        await self._database.write(lambda db: self._claim(db, claim, answer), [(INSERT_KEY, _claim_row(claim, answer))])

    # Sessions

    def session(self, id: str, owner: str, now: datetime) -> Session | None:
        """A session as it is seen at `now`, if it belongs to `owner`."""
        rows = self._database.read(
            "SELECT id, owner, status, expires_at, document, asked, revision, attempts FROM sessions"
            " WHERE id = ? AND owner = ?",
            id, owner,
        )  # fmt: skip
        return _session(rows[0]).at(now) if rows else None

    def seen(self, id: str, owner: str, now: datetime) -> bytes | None:
        """A session's document as it is seen at `now`, as JSON, if the session belongs to `owner`."""
        rows = self._database.read(
            "SELECT status, expires_at, document FROM sessions WHERE id = ? AND owner = ?", id, owner
        )
        if not rows:
            return None
        status, expires_at, document = rows[0]
        if now.timestamp() < expires_at:
            return bytes(document, "utf-8")
        seen = observed(status, moment(expires_at), now)
        return orjson.dumps(turned(orjson.loads(document), seen))

    def sessions(self, owner: str | None, now: datetime, after: int = 0, most: int = 1000) -> list[tuple[int, Session]]:
        """The sessions of an owner, or of all, as they are seen at `now`, oldest first, each with its number.

        There are `most` of them, from after the number `after`.
        """
        rows = self._database.read(
            "SELECT rowid, id, owner, status, expires_at, document, asked, revision, attempts FROM sessions"
            " WHERE (? IS NULL OR owner = ?) AND rowid > ? ORDER BY rowid LIMIT ?",
            owner, owner, after, most,
        )  # fmt: skip
        return [(number, _session(row).at(now)) for number, *row in rows]

    async def save(self, session: Session, claim: Claim | None = None, answer: Answer | None = None) -> None:
        """Keep a new or changed session and, under the key that asked for it, the answer. Raises Stale or Taken."""

        def work(db: sqlite3.Connection) -> None:
            if claim is not None and answer is not None:
                self._claim(db, claim, answer)
            _write_session(db, session)

        rows = (
            [(INSERT_KEY, _claim_row(claim, answer)), _session_row(session)] if claim and not session.revision else []
        )
        await self._database.write(work, rows)

    # Payments

    async def begin_payment(self, session: Session, intent: Intent, held_until: datetime) -> None:
        """Claim the key, write down what is about to be charged and turn the session. Raises Stale or Taken."""

        def work(db: sqlite3.Connection) -> None:
            self._claim(db, intent.claim, None)
            _write_session(db, session)
            held = held_until.timestamp()
            db.execute(
                "INSERT INTO intents (session_id, key, document, check_at, held_until) VALUES (?, ?, ?, ?, ?)",
                (session.id, intent.key, orjson.dumps(intent.to_dict()).decode(), held, held),
            )

        await self._database.write(work)

    async def take_payment(self, session_id: str, now: datetime, held_until: datetime) -> Intent | None:
        """The payment under way for a session, held by the caller alone; None when there is none or it is held."""

        def work(db: sqlite3.Connection) -> Intent | None:
            rows = db.execute(
                "UPDATE intents SET held_until = ?, check_at = ? WHERE session_id = ? AND held_until <= ?"
                " RETURNING session_id, key, document",
                (held_until.timestamp(), held_until.timestamp(), session_id, now.timestamp()),
            ).fetchall()
            return Intent.of(rows[0][0], rows[0][1], orjson.loads(rows[0][2])) if rows else None

        return await self._database.write(work)

    async def finish_payment(
        self,
        session: Session,
        intent: Intent,
        answer: Answer,
        *,
        placed: PlacedOrder | None = None,
        claim: Claim | None = None,
        now: datetime,
    ) -> None:
        """Keep the outcome of a payment: session, order, event and answer together.

        The answer goes to the key that began the payment, if that still waits for one, and to the `claim` of a later
        request that brought it about. Raises Stale when this attempt is not under way any more, and Taken when that
        claim came too late for its key: the outcome is kept all the same.
        """

        def work(db: sqlite3.Connection) -> bool:
            _end_intent(db, intent)
            _write_session(db, session)
            _answer(db, intent.claim, answer)
            if placed is not None:
                write_order(db, session, placed, now)
            return claim is None or self._claimed(db, claim, answer)

        claimed = await self._database.write(work)
        if placed is not None:
            self.events.announce()
        if not claimed:
            raise Taken

    async def defer_payment(
        self, intent: Intent, check_at: datetime, answer: Answer | None = None, claim: Claim | None = None
    ) -> None:
        """Let go of a payment and ask about it again at `check_at`; an `answer` meanwhile says that it is under way.

        Raises Taken, as `finish_payment` does, when the payment has been let go of.
        """

        def work(db: sqlite3.Connection) -> bool:
            _let_go(db, intent, check_at)
            if answer is None:
                return True
            _answer(db, intent.claim, answer)
            return claim is None or self._claimed(db, claim, answer)

        if not await self._database.write(work):
            raise Taken

    async def undo_payment(self, session: Session, intent: Intent) -> None:
        """Take back a payment before anybody was asked for money, and give up its key. Raises Stale."""

        def work(db: sqlite3.Connection) -> None:
            _end_intent(db, intent)
            _write_session(db, session)
            _give_up(db, intent.claim)

        await self._database.write(work)

    async def abandon_claim(self, intent: Intent, check_at: datetime) -> None:
        """Let go of a payment that failed on our side and give up its key, so that it can be used again (§6.5)."""

        def work(db: sqlite3.Connection) -> None:
            _let_go(db, intent, check_at)
            _give_up(db, intent.claim)

        await self._database.write(work)

    def payments_due(self, now: datetime, most: int = 100) -> list[str]:
        """The sessions whose payment is to be asked about by `now` and is held by nobody, the longest due first."""
        rows = self._database.read(
            "SELECT session_id FROM intents WHERE check_at <= ? AND held_until <= ? ORDER BY check_at LIMIT ?",
            now.timestamp(), now.timestamp(), most,
        )  # fmt: skip
        return [row[0] for row in rows]

    # Tokens

    async def issue(self, token: Token, claim: Claim, answer: Answer) -> None:
        """Keep a new token together with the answer that names it. Raises Taken."""
        expires_at = timestamps.parse(token.allowance["expires_at"]).timestamp()

        def work(db: sqlite3.Connection) -> None:
            self._claim(db, claim, answer)
            db.execute(
                "INSERT INTO tokens (id, owner, reference, allowance, expires_at) VALUES (?, ?, ?, ?, ?)",
                (token.id, token.owner, token.reference, orjson.dumps(token.allowance).decode(), expires_at),
            )

        await self._database.write(work)

    def token(self, id: str) -> Token | None:
        """A token by its id."""
        rows = self._database.read("SELECT id, owner, reference, allowance, spent_key FROM tokens WHERE id = ?", id)
        return Token(rows[0][0], rows[0][1], rows[0][2], orjson.loads(rows[0][3]), rows[0][4]) if rows else None

    async def spend(self, token_id: str, key: str) -> bool:
        """Mark a token as spent under `key`; True also when that very key had spent it before."""

        def work(db: sqlite3.Connection) -> bool:
            changed = db.execute(
                "UPDATE tokens SET spent_key = ? WHERE id = ? AND (spent_key IS NULL OR spent_key = ?)",
                (key, token_id, key),
            )
            return changed.rowcount == 1

        return await self._database.write(work)

    # Retention

    async def purge(self, now: datetime, most: int = PURGED_AT_ONCE) -> int:
        """Delete what is past its retention, `most` rows in a transaction; returns how many rows went."""
        gone = 0
        for step in steps(self._kept, now):
            while deleted := await self._database.write(partial(step, most=most)):
                gone += deleted
                await asyncio.sleep(PURGE_PAUSE_SECONDS)
        await asyncio.to_thread(self._database.checkpoint)
        return gone

    # Backup

    async def backup(self, target: Path) -> int:
        """Copy the file as it is now to a new one, while work goes on; returns its bytes. Raises UsageError."""
        return await asyncio.to_thread(backup, self._database.path, target)

    def _claim(self, db: sqlite3.Connection, claim: Claim, answer: Answer | None) -> None:
        if not self._claimed(db, claim, answer):
            raise Taken

    def _claimed(self, db: sqlite3.Connection, claim: Claim, answer: Answer | None) -> bool:
        """Whether the key was free; else nothing is changed."""
        claimed = db.execute(
            f"""
            {INSERT_KEY} VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status,
                headers = excluded.headers, body = excluded.body, claimed_at = excluded.claimed_at
            WHERE idempotency.claimed_at <= ?
            """,
            (*_claim_row(claim, answer), claim.at.timestamp() - self._retention),
        )
        return claimed.rowcount == 1


def _answer(db: sqlite3.Connection, claim: Claim, answer: Answer) -> None:
    """Answer a key that is still in flight; one that was given up meanwhile (§6.5) stays free."""
    db.execute(
        """
        UPDATE idempotency SET status = ?, headers = ?, body = ?
        WHERE owner = ? AND path = ? AND key = ? AND fingerprint = ? AND status IS NULL
        """,
        (*_stored(answer), claim.owner, claim.path, claim.key, claim.fingerprint),
    )


def _end_intent(db: sqlite3.Connection, intent: Intent) -> None:
    ended = db.execute("DELETE FROM intents WHERE session_id = ? AND key = ?", (intent.session_id, intent.key))
    if ended.rowcount != 1:
        raise Stale


def _let_go(db: sqlite3.Connection, intent: Intent, check_at: datetime) -> None:
    db.execute(
        "UPDATE intents SET check_at = ?, held_until = 0 WHERE session_id = ? AND key = ?",
        (check_at.timestamp(), intent.session_id, intent.key),
    )


def _give_up(db: sqlite3.Connection, claim: Claim) -> None:
    db.execute(
        "DELETE FROM idempotency WHERE owner = ? AND path = ? AND key = ? AND status IS NULL",
        (claim.owner, claim.path, claim.key),
    )


def _claim_row(claim: Claim, answer: Answer | None) -> tuple[object, ...]:
    kept = _stored(answer) if answer else (None, None, None)
    return (claim.owner, claim.path, claim.key, claim.fingerprint, *kept, claim.at.timestamp())


def _stored(answer: Answer) -> tuple[object, ...]:
    return (answer.status, orjson.dumps(dict(answer.headers)).decode(), answer.body)


def _session(row: Any) -> Session:
    id, owner, status, expires_at, document, asked, revision, attempts = row
    return Session(
        id, owner, Status(status), moment(expires_at), orjson.loads(document), orjson.loads(asked), revision, attempts
    )


def _session_row(session: Session) -> Row:
    values = (session.id, session.owner, session.status, 1, session.attempts, session.expires_at.timestamp())
    return INSERT_SESSION, (*values, *_texts(session))


def _texts(session: Session) -> tuple[str, str]:
    return orjson.dumps(session.document).decode(), orjson.dumps(session.asked).decode()


def _write_session(db: sqlite3.Connection, session: Session) -> None:
    if session.revision == 0:
        insert, values = _session_row(session)
        db.execute(f"{insert} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        return
    changed = db.execute(
        """
        UPDATE sessions SET status = ?, revision = revision + 1, attempts = ?, expires_at = ?, document = ?, asked = ?
        WHERE id = ? AND revision = ?
        """,
        (
            session.status,
            session.attempts,
            session.expires_at.timestamp(),
            *_texts(session),
            session.id,
            session.revision,
        ),
    )
    if changed.rowcount != 1:
        raise Stale
