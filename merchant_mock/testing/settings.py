"""How the shop of a test is run, from what a marker, the command line or a caller says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from acp.errors import UsageError
from merchant_mock.catalogue import BUILT_IN, Catalogue, load
from merchant_mock.clock import Clock
from merchant_mock.faults import faults
from merchant_mock.levers import Lever
from merchant_mock.variations import variations

SEED = 1
"""The seed of a test that names none, so that a test sees the same ids each time it is run."""


@dataclass(frozen=True)
class Settings:
    """The settings of one shop.

    `fault`, `variation` and `scenario` are names; a scenario holds for every session. `clock` is a moment, at which the
    shop's time stands still until it is advanced; without it the time runs. `seed` None makes ids that nobody guesses.
    """

    fault: tuple[str, ...] = ()
    variation: tuple[str, ...] = ()
    scenario: tuple[str, ...] = ()
    clock: datetime | None = None
    seed: int | None = SEED
    catalogue: Path = field(default=BUILT_IN)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Settings:
        """The settings of these names and values. Raises UsageError for one that there is not, or that cannot be."""
        for name in said:
            if name not in _READ:
                raise UsageError(f"There is no setting {name}. There are: {', '.join(_READ)}.")
        return cls(**{name: _READ[name](value) for name, value in said.items()})

    def levers(self) -> list[Lever]:
        """The faults and variations. Raises UsageError for a name that there is not."""
        return [*faults(self.fault), *variations(self.variation)]

    def time(self) -> Clock:
        """A new clock."""
        return Clock() if self.clock is None else Clock(at=self.clock, stopped=True)

    def goods(self) -> Catalogue:
        """What the shop sells. Raises UsageError for a file that cannot be used."""
        return _loaded(self.catalogue.absolute(), _changed(self.catalogue))


def names(value: str | Iterable[str]) -> tuple[str, ...]:
    """One name, several between commas, or several."""
    given = value.split(",") if isinstance(value, str) else value
    return tuple(name.strip() for name in given if name.strip())


def _moment(value: str | datetime) -> datetime:
    """A moment as a value or in RFC 3339; without an offset it is in UTC."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise UsageError(f"The clock {value!r} is no moment: give one such as 2026-05-06T12:00:00Z.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _seed(value: int | str | None) -> int | None:
    try:
        return None if value is None else int(value)
    except (TypeError, ValueError):
        raise UsageError(f"The seed {value!r} is no whole number.") from None


_READ: Mapping[str, Callable[[Any], Any]] = {
    "fault": names,
    "variation": names,
    "scenario": names,
    "clock": _moment,
    "seed": _seed,
    "catalogue": Path,
}


@cache
def _loaded(path: Path, changed: int) -> Catalogue:
    """A catalogue, read once for as long as its file is not changed; nobody changes the catalogue itself."""
    return load(path)


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0
