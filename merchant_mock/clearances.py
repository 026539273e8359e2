"""What has been settled for a session outside the protocol: a drawing confirmed, an age shown, an order approved."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from merchant_mock.database import Database


class Clearance(StrEnum):
    """What can be settled, by the buyer on the shop's site or by the shop itself."""

    CONFIRMED = "confirmed"
    AGE_VERIFIED = "age_verified"
    APPROVED = "approved"
    PREPARED = "prepared"


class Clearances:
    """The clearances of sessions in one SQLite file; giving one twice is giving it once."""

    def __init__(self, path: str | Path) -> None:
        self._database = Database(
            path,
            "CREATE TABLE IF NOT EXISTS mock_clearances ("
            "session TEXT, clearance TEXT, PRIMARY KEY (session, clearance)) WITHOUT ROWID",
        )

    def give(self, session: str, clearance: Clearance) -> None:
        """Note that something has been settled for a session."""
        with self._database.writing() as db:
            db.execute("INSERT OR IGNORE INTO mock_clearances VALUES (?, ?)", (session, clearance))

    def of(self, session: str) -> set[str]:
        """What has been settled for a session."""
        rows = self._database.rows("SELECT clearance FROM mock_clearances WHERE session = ?", session)
        return {clearance for (clearance,) in rows}

    def close(self) -> None:
        """Close the file."""
        self._database.close()
