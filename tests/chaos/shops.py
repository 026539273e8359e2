"""Shops on one address that outlives them all: the supervisor as its driver sees it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.supervisor import Plan

ROOT = Path(__file__).parents[2]


LOG_LINES = 20
"""How much of the shops' log is told when they failed."""


class ShopsFailed(Exception):
    """There are no shops any more although nobody stopped them; the message says what they said last."""


@dataclass
class Deaths:
    """Who died where and when, the seconds a restart took, what was wrong, and whether the last death was died."""

    counts: Counter[str] = field(default_factory=Counter)
    at: list[float] = field(default_factory=list)
    restarts: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    finished: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def shops(plan: Plan, folder: Path, deaths: Deaths) -> AsyncIterator[str]:
    """A supervisor with its shops on one address that outlives them all; yields its URL."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener, (folder / "shop.log").open("wb") as log:
        fd = listener.fileno()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.chaos.supervisor", str(fd),
            cwd=ROOT, pass_fds=[fd], env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
        )  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(plan.to_json().encode() + b"\n")
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(_follow(process, deaths, stopping, folder / "shop.log"))
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                stopping.set()
                process.stdin.close()


async def _follow(process: asyncio.subprocess.Process, deaths: Deaths, stopping: asyncio.Event, log: Path) -> None:
    """Write down what the supervisor tells. Raises ShopsFailed when it ends before it is told to."""
    assert process.stdout is not None
    async for line in process.stdout:
        match json.loads(line):
            case {"killed": str(name), "at": at, "ready": ready}:
                deaths.counts[name] += 1
                deaths.at.append(at)
                deaths.restarts += [ready] if ready is not None else []
            case {"wrong": str(what)}:
                deaths.wrong.append(what)
            case {"finished": True}:
                deaths.finished.set()
    status = await process.wait()
    if status or not stopping.is_set():
        said = [*deaths.wrong, f"the supervisor ended with status {status}", *log.read_text().splitlines()[-LOG_LINES:]]
        raise ShopsFailed("\n".join(said))
