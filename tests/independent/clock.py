"""The time in the shop, which a tester can move ahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _utc() -> datetime:
    return datetime.now(UTC)


class Clock:
    """`wall` is the time of the world; `now` is that of the shop, `advance` moves it ahead of the world's."""

    def __init__(self, wall: Callable[[], datetime] = _utc) -> None:
        self.wall = wall
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """The time in the shop."""
        return self.wall() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Let so much time pass in the shop."""
        self._ahead += by


def stamp(moment: datetime) -> str:
    """A moment as an RFC 3339 date-time in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
