"""Agents that buy by script and send every request again, with the same key and body, until it is answered."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from acp.headers import IDEMPOTENT_REPLAYED
from acp.lifecycle import Status
from tests.chaos.scripts import SCRIPTS, Act
from tests.chaos.shop_process import API_KEY

HEADERS = {"Authorization": f"Bearer {API_KEY}", "API-Version": "2026-04-17"}
PAUSE_SECONDS = 0.05
"""How long an agent waits before it asks again; far less than Retry-After says, to be at the server all the time."""

PATIENCE_SECONDS = 90.0
"""After this long without an answer something must be wrong."""

REQUEST_SECONDS = 20.0
PASSING = frozenset({408, 409, 429})


def client(url: str, *, keep: bool = True) -> httpx.AsyncClient:
    """An agent's HTTP client for a shop, with as many connections as it has requests, to `keep` or for one each."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None if keep else 0)
    return httpx.AsyncClient(
        base_url=url, headers=HEADERS, timeout=REQUEST_SECONDS, limits=limits, trust_env=False, verify=False
    )


class NoAnswer(Exception):
    """A request got no answer however often it was sent."""


@dataclass(frozen=True)
class Answered:
    """An answer that is final for its key."""

    status: int
    body: bytes
    replayed: bool
    at: float

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class Call:
    """One request with its key, every try of it, its first answer and the replays."""

    act: Act
    path: str
    key: str
    body: Any
    begun: float = field(default_factory=time.monotonic)
    tries: list[str] = field(default_factory=list)
    answer: Answered | None = None
    replays: list[Answered] = field(default_factory=list)


@dataclass
class Purchase:
    """One run of a script, as the agent saw it: its calls in order, and the last sight of its session."""

    number: int
    script: str
    id: str = ""
    calls: list[Call] = field(default_factory=list)
    seen: dict[str, Any] = field(default_factory=dict)
    failure: str = ""

    def history(self) -> str:
        """Everything the agent did and was told, a line each."""
        lines = [f"purchase {self.number} ({self.script}), session {self.id or 'none'}"]
        lines += [f"  {call.act.verb} {call.path} under {call.key}: {', '.join(call.tries)}" for call in self.calls]
        return "\n".join(
            [*lines, f"  last seen: {self.seen.get('status', 'never')}", *([self.failure] * bool(self.failure))]
        )


class Agent:
    """The hands of every agent: one HTTP client and one source of chance, both passed in."""

    def __init__(self, http: httpx.AsyncClient, chance: random.Random) -> None:
        self._http = http
        self._chance = chance

    async def carry_out(self, purchase: Purchase) -> None:
        """Act out a script to its end; what goes wrong on the way is written down in the purchase."""
        try:
            for step in SCRIPTS[purchase.script].steps:
                await self._act(purchase, step)
                if not purchase.id:
                    purchase.id = purchase.calls[0].answer.document["id"]
                await self._look(purchase)
        except Exception as failure:
            purchase.failure = _reason(failure)

    async def replay(self, purchase: Purchase) -> None:
        """Send every answered request of a purchase once more, and see its session as it is now."""
        try:
            for call in purchase.calls:
                if call.answer is not None:
                    call.replays.append(await self._answered(call))
            await self._look(purchase)
        except Exception as failure:
            purchase.failure = f"on replay, {_reason(failure)}"

    async def _act(self, purchase: Purchase, acts: Sequence[Act]) -> None:
        calls = [self._call(purchase, act) for act in acts]
        purchase.calls += calls
        async with asyncio.TaskGroup() as group:
            for call in calls:
                group.create_task(self._send(call))

    def _call(self, purchase: Purchase, act: Act) -> Call:
        key = f"{purchase.number}-{len(purchase.calls)}-{self._chance.getrandbits(48):x}"
        return Call(act, act.path(purchase.id), key, act.body(purchase.number))

    async def _send(self, call: Call) -> None:
        if call.act.patient:
            call.answer = await self._answered(call)
        else:
            await self._once("POST", call.path, call.tries, key=call.key, body=call.body)

    async def _answered(self, call: Call) -> Answered:
        response = await self._until_answered("POST", call.path, call.tries, key=call.key, body=call.body)
        replayed = response.headers.get(IDEMPOTENT_REPLAYED) == "true"
        return Answered(response.status_code, response.content, replayed, time.monotonic())

    async def _look(self, purchase: Purchase) -> None:
        """Retrieve the session until no payment is under way in it."""
        deadline, tries = time.monotonic() + PATIENCE_SECONDS, []
        while time.monotonic() < deadline:
            response = await self._until_answered("GET", f"/checkout_sessions/{purchase.id}", tries)
            purchase.seen = response.json()
            if purchase.seen["status"] != Status.COMPLETE_IN_PROGRESS:
                return
            await self._pause()
        raise NoAnswer(f"a payment was under way for {PATIENCE_SECONDS:.0f} s")

    async def _until_answered(self, method: str, path: str, tries: list[str], **what: Any) -> httpx.Response:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            response = await self._once(method, path, tries, **what)
            if response is not None and response.status_code < 500 and response.status_code not in PASSING:
                return response
            await self._pause()
        raise NoAnswer(f"{method} {path} was not answered within {PATIENCE_SECONDS:.0f} s")

    async def _once(
        self, method: str, path: str, tries: list[str], *, key: str = "", body: Any = None
    ) -> httpx.Response | None:
        sent = {"Idempotency-Key": key} if key else {}
        try:
            response = await self._http.request(method, path, json=body, headers=sent)
        except httpx.TransportError as failure:
            tries.append(type(failure).__name__)
            return None
        tries.append(_told(response))
        return response

    async def _pause(self) -> None:
        await asyncio.sleep(PAUSE_SECONDS * (0.5 + self._chance.random()))


def _reason(failure: BaseException) -> str:
    if isinstance(failure, BaseExceptionGroup):
        return "; ".join(_reason(each) for each in failure.exceptions)
    return f"{type(failure).__name__}: {failure}"


def _told(response: httpx.Response) -> str:
    document = response.json()
    return f"{response.status_code} {document.get('status') or document.get('code')}"
