"""A clock that a campaign sets and every process of it reads: the machine's own time and an offset in a shared file."""

from __future__ import annotations

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

NAME = "clock"
_SECONDS = struct.Struct("d")


class SharedClock:
    """Time as the shop sees it."""

    def __init__(self, folder: Path) -> None:
        path = folder / NAME
        if not path.exists():
            path.write_bytes(_SECONDS.pack(0.0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _SECONDS.size)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset)

    @property
    def offset(self) -> float:
        """Seconds by which the clock is ahead of the machine's."""
        return float(_SECONDS.unpack_from(self._shared)[0])

    def jump(self, offset: float) -> None:
        """Put the clock `offset` seconds ahead of the machine's, or behind it."""
        _SECONDS.pack_into(self._shared, 0, offset)
