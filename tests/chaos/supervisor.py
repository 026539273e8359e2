"""Starts shops, kills them by plan and starts the next at once: `python -m tests.chaos.supervisor FD`.

Everything a shop needs is imported and has been used once before the first shop is forked from this process, so a
restart takes milliseconds. The plan comes as one JSON object on standard input; what happens is told in JSON lines on
standard output. Standard input at its end means: stop.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from acp.server import CrashPoint
from tests.acp.server.conftest import PAYMENT, READY
from tests.chaos.ledger import Ledger
from tests.chaos.shop_process import API_KEY, REACHED, Terms, open_app, serve, watch_answers
from tests.chaos.shop_process import READY as SERVES

STALLED_SECONDS = 60.0
"""How long a point may not be reached before something must be wrong."""

STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Kill:
    """One death: at the `passage`-th time a point is reached, or `after` so many seconds."""

    point: CrashPoint | None = None
    passage: int = 0
    after: float = 0.0

    @property
    def name(self) -> str:
        """The point, or that it was at random."""
        return self.point or "at random"


@dataclass(frozen=True)
class Plan:
    """The shop's terms, the deaths in their order, and how many processes serve at once."""

    terms: Terms
    kills: Sequence[Kill] = ()
    processes: int = 1

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> Plan:
        raw = json.loads(text)
        kills = [Kill(CrashPoint(k["point"]) if k["point"] else None, k["passage"], k["after"]) for k in raw["kills"]]
        return cls(Terms(**raw["terms"]), kills, raw["processes"])


class Stopped(Exception):
    """Nobody wants any more shops."""


@dataclass(frozen=True)
class Child:
    """A shop process and the pipe it speaks through."""

    pid: int
    hears: int

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.bury()

    def bury(self) -> None:
        os.waitpid(self.pid, 0)
        os.close(self.hears)


class Supervisor:
    """Runs one plan."""

    def __init__(self, plan: Plan, listener: socket.socket) -> None:
        self._plan = plan
        self._listener = listener
        self._children: list[Child] = []

    def run(self) -> None:
        """Carry out every death, then keep the shop open until told to stop."""
        try:
            for _ in range(self._plan.processes - 1):
                self._fork()
            for kill in self._plan.kills:
                self._carry_out(kill)
            self._fork()
            report(finished=True)
            self._serve_on()
        except Stopped:
            pass
        finally:
            self._stop()

    def _fork(self, kill: Kill | None = None) -> Child:
        hears, says = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(hears)
            _be_a_shop(self._plan.terms, self._listener, says, kill)
        os.close(says)
        child = Child(pid, hears)
        self._children.append(child)
        return child

    def _carry_out(self, kill: Kill) -> None:
        started, ready = time.monotonic(), None
        child = self._fork(kill)
        deadline = started + (STALLED_SECONDS if kill.point else kill.after)
        while (left := deadline - time.monotonic()) > 0:
            said = self._heard(left).get(child, b"")
            if said == SERVES:
                ready = time.monotonic() - started
            elif said == REACHED:
                break
        else:
            if kill.point:
                report(wrong=f"the point {kill.point!r} was not reached within {STALLED_SECONDS:.0f} s")
        self._children.remove(child)
        child.kill()
        report(killed=kill.name, at=time.monotonic(), ready=ready)

    def _serve_on(self) -> None:
        while True:
            self._heard(STALLED_SECONDS)

    def _heard(self, seconds: float) -> dict[Child, bytes]:
        """What the shops say within a time. Raises Stopped, also when a shop died that was not killed."""
        readable, _, _ = select.select([0, *(child.hears for child in self._children)], [], [], seconds)
        if 0 in readable:
            raise Stopped
        said = {child: os.read(child.hears, 1) for child in self._children if child.hears in readable}
        for child, what in said.items():
            if not what:
                report(wrong=f"shop process {child.pid} ended by itself")
                raise Stopped
        return said

    def _stop(self) -> None:
        for child in self._children:
            os.kill(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            while os.waitpid(child.pid, os.WNOHANG)[0] == 0:
                if time.monotonic() > deadline:
                    report(wrong=f"shop process {child.pid} did not end when it was asked to")
                    child.kill()
                    break
                time.sleep(0.01)


def _be_a_shop(terms: Terms, listener: socket.socket, says: int, kill: Kill | None) -> None:
    """The life of a forked process, which never returns to the supervisor's code."""
    status = 1
    try:
        point, passage = (kill.point, kill.passage) if kill else (None, 0)
        with suppress(KeyboardInterrupt):
            serve(terms, listener, says, point, passage)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


async def _warm_up(folder: Path) -> None:
    """Buy once in a shop of its own, so that everything a purchase needs is loaded."""
    Ledger.create(folder, {}).close()
    app, store = open_app(Terms(str(folder), "http://127.0.0.1:9/"))
    headers = {"Authorization": f"Bearer {API_KEY}", "API-Version": "2026-04-17", "Idempotency-Key": "k"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://shop.example", headers=headers
    ) as http:
        id = (await http.post("/checkout_sessions", json=READY)).json()["id"]
        body = {
            "payment_data": {
                **PAYMENT,
                "instrument": {"type": "card", "credential": {"type": "spt", "token": "vt_good_1"}},
            }
        }
        assert (await http.post(f"/checkout_sessions/{id}/complete", json=body)).json()["status"] == "completed"
    store.close()


def report(**what: object) -> None:
    print(json.dumps(what), flush=True)


def main() -> None:
    plan = Plan.of(sys.stdin.readline())
    watch_answers()
    with TemporaryDirectory() as folder:
        asyncio.run(_warm_up(Path(folder)))
    assert threading.active_count() == 1, "a process with threads cannot be forked safely"
    Supervisor(plan, socket.socket(fileno=int(sys.argv[1]))).run()


if __name__ == "__main__":
    main()
