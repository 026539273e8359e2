"""The shop's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from merchant_mock.clock import Clock

NOON = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Running:
    """The clock that the shop's goes with."""

    now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize("stopped", [True, False])
def test_back_it_is_as_it_was_at_first(stopped: bool) -> None:
    running = Running()
    clock = Clock(running, at=NOON + HOUR, stopped=stopped)
    running.now += HOUR
    clock.advance(HOUR)
    clock.set(NOON, stopped=not stopped)
    clock.back()
    assert (clock(), clock.stopped) == (NOON + HOUR, stopped)


def test_one_that_ran_with_the_real_one_does_so_again() -> None:
    running = Running()
    clock = Clock(running)
    clock.advance(HOUR)
    assert clock() == NOON + HOUR
    clock.set(NOON, stopped=True)
    clock.back()
    running.now += 2 * HOUR
    assert (clock(), clock.stopped) == (NOON + 2 * HOUR, False)


def test_another_one_starts_where_this_one_did() -> None:
    clock = Clock(Running(), stopped=True)
    clock.advance(HOUR)
    other = clock.anew()
    assert (other(), other.stopped) == (NOON, True)
    other.advance(3 * HOUR)
    assert clock() == NOON + HOUR


def test_it_only_goes_forward_by_itself() -> None:
    with pytest.raises(ValueError, match="only goes forward"):
        Clock().advance(-HOUR)
