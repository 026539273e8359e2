"""What is remembered of scenarios, in the shop's file: which stay with a session, and what has happened once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from merchant_mock.database import Database


class Fact(StrEnum):
    """What can be remembered: the session keeps the scenario, it has begun there, its reply has been sent."""

    KEPT = "kept"
    BEGUN = "begun"
    PLAYED = "played"


class Memory:
    """Facts about scenarios by subject, which is a session or, where there is none yet, an idempotency key."""

    def __init__(self, path: str | Path) -> None:
        self._database = Database(
            path,
            "CREATE TABLE IF NOT EXISTS mock_scenarios ("
            "n INTEGER PRIMARY KEY, subject TEXT, fact TEXT, scenario TEXT, UNIQUE (subject, fact, scenario))",
        )

    def note(self, subject: str, fact: Fact, *scenarios: str) -> bool:
        """Remember a fact of scenarios; whether any of it is new."""
        with self._database.writing() as db:
            rows = [(subject, fact, scenario) for scenario in scenarios]
            return db.executemany("INSERT OR IGNORE INTO mock_scenarios VALUES (NULL, ?, ?, ?)", rows).rowcount > 0

    def of(self, subject: str, fact: Fact) -> list[str]:
        """The names of the scenarios of which a fact is remembered, in the order in which it was noted."""
        rows = self._database.rows(
            "SELECT scenario FROM mock_scenarios WHERE subject = ? AND fact = ? ORDER BY n", subject, fact
        )
        return [scenario for (scenario,) in rows]

    def close(self) -> None:
        """Close the file."""
        self._database.close()
