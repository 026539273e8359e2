"""What a run has already done, so that every check stands on the same first session and nothing is bought twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from conformance.findings import Finding

T = TypeVar("T")


class Memory:
    """Steps that are taken once. One that failed fails again, at once, for everybody who stands on it."""

    def __init__(self) -> None:
        self._done: dict[str, Any] = {}

    async def once(self, step: str, take: Callable[[], Awaitable[T]]) -> T:
        """What a step came to; it is taken by the first who asks."""
        if step not in self._done:
            try:
                self._done[step] = await take()
            except Finding as finding:
                self._done[step] = finding
        found = self._done[step]
        if isinstance(found, Finding):
            raise found.with_traceback(None)
        return found  # type: ignore[no-any-return]
