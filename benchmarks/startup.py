"""How long a server takes to its first answer, and how much memory it holds."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.servers import Server
from benchmarks.table import Row

FIRST_ANSWER_SECONDS, MEMORY_MB = 1.2, 120


def rows(shop: Server, twin: Server) -> Iterator[Row]:
    """The start of both servers."""
    yield Row(
        "start to first answer",
        twin.first_answer / shop.first_answer,
        f"{shop.first_answer:.2f} s",
        f"{twin.first_answer:.2f} s",
        f"≤ {FIRST_ANSWER_SECONDS} s",
        shop.first_answer <= FIRST_ANSWER_SECONDS,
    )
    yield memory("memory after start", shop, twin)


def memory(name: str, shop: Server, twin: Server) -> Row:
    """What both servers hold now."""
    mine, other = shop.memory / 1e6, twin.memory / 1e6
    return Row(name, other / mine, f"{mine:.0f} MB", f"{other:.0f} MB", f"≤ {MEMORY_MB} MB", mine <= MEMORY_MB)
