"""The clock of a shop: it runs with the real one until it is moved forward, set to a moment, or stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from acp.server.deployment import utc_now


class Clock:
    """Called, gives the shop's time. `running` is the clock it goes with; `at` sets it, `stopped` holds it there."""

    def __init__(
        self, running: Callable[[], datetime] = utc_now, *, at: datetime | None = None, stopped: bool = False
    ) -> None:
        self._running = running
        self._opening = (at or running() if at is not None or stopped else None, stopped)
        self.back()

    def __call__(self) -> datetime:
        """The shop's time now."""
        return self._stopped if self._stopped is not None else self._running() + self._ahead

    @property
    def stopped(self) -> bool:
        """Whether the time stands still until it is moved."""
        return self._stopped is not None

    def back(self) -> None:
        """Set the time as it was at first: to the moment that was given, or to run with the real one."""
        at, stopped = self._opening
        self._ahead = timedelta(0)
        self._stopped: datetime | None = None
        if at is not None:
            self.set(at, stopped=stopped)

    def anew(self) -> Clock:
        """Another clock, as this one was at first."""
        at, stopped = self._opening
        return Clock(self._running, at=at, stopped=stopped)

    def advance(self, by: timedelta) -> datetime:
        """Move the time forward, and say what it is then. Raises ValueError for a step back."""
        if by < timedelta(0):
            raise ValueError("A shop's clock only goes forward.")
        if self._stopped is not None:
            self._stopped += by
        else:
            self._ahead += by
        return self()

    def set(self, at: datetime, *, stopped: bool = False) -> None:
        """Set the time, to run on from there or to stand still."""
        self._stopped = at if stopped else None
        self._ahead = at - self._running()
