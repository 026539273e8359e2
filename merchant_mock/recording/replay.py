"""Sending a recording again, to a new shop as it was recorded or to any other, and finding where the answers differ."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from acp import timestamps
from acp.errors import UsageError
from acp.redaction import MASK
from acp.server.outbox import PATH as ORDER_EVENTS
from merchant_mock.app import DEMO_KEY, House, Terms, open_house
from merchant_mock.catalogue import BUILT_IN, load
from merchant_mock.clock import Clock
from merchant_mock.due import catch_up
from merchant_mock.faults import faults
from merchant_mock.recording.bindings import Bindings
from merchant_mock.recording.differences import Comparison, Difference
from merchant_mock.recording.recorder import digest
from merchant_mock.recording.tape import Header, Object, Tape, polls
from merchant_mock.recording.veil import agent_key
from merchant_mock.scenarios.scenario import scenarios
from merchant_mock.serving import Server, bind, running, url_of
from merchant_mock.variations import variations
from merchant_mock.wire.capture import Sent, Witness
from merchant_mock.wire.exchange import Manner, Reply, headers_of

SECONDS = 30.0
"""How long an answer may take; one that never came is waited for as long as it was the first time."""

EVENT_SECONDS = 3.0
"""How long is waited, in the end, for order events that were recorded and have not come."""

_OWN = frozenset({"content-length", "connection", "transfer-encoding"})


@dataclass(frozen=True)
class Outcome:
    """One exchange or order event that was compared. `what` names it; `left_out` says why it was not sent again."""

    what: str
    differences: Sequence[Difference] = ()
    left_out: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The outcome as JSON."""
        told = {"what": self.what, "same": not self.differences, "differences": [d.to_dict() for d in self.differences]}
        return told | ({"left_out": self.left_out} if self.left_out else {})


def replay(tape: Tape, catalogue: Path = BUILT_IN) -> Iterator[Outcome]:
    """Send a recording to a new shop of the recorded seed, clock and levers. Raises UsageError where there is none.

    With a seed and a clock that stood still the bytes of the answers have to be the same.
    """
    exact = tape.header.seed is not None and bool(tape.header.clock.get("stopped"))
    with _anew(tape.header, catalogue) as shop:
        bindings = Bindings(tape.header.url, tape.header.url, DEMO_KEY)
        with closing(Again(shop.url, bindings, exact, host=True)) as again:
            for exchange in tape.exchanges:
                shop.at(exchange["at"])
                yield again.exchange(exchange)
            yield from again.events(tape.events, shop.events(len(_told(tape.events))))


def replay_to(tape: Tape, url: str, api_key: str) -> Iterator[Outcome]:
    """Send a recording to a shop at `url`. Raises UsageError for an address that cannot be called."""
    try:
        httpx.URL(url)
    except httpx.InvalidURL as wrong:
        raise UsageError(f"{url} is no address: {wrong}.") from wrong
    bindings = Bindings(tape.header.url, url, api_key)
    with closing(Again(url, bindings, exact=False, host=False)) as again:
        for exchange in tape.exchanges:
            yield again.exchange(exchange)


class Again:
    """Sends exchanges again and compares what comes."""

    def __init__(self, url: str, bindings: Bindings, exact: bool, *, host: bool) -> None:
        self._url, self._bindings, self._veil, self._host = httpx.URL(url), bindings, bindings.veil, host
        self._comparison = Comparison(bindings.told, exact)
        self._line = httpx.HTTPTransport()

    def close(self) -> None:
        """Close the connections."""
        self._line.close()

    def exchange(self, recorded: Object) -> Outcome:
        """Send one exchange again."""
        what = f"{recorded['n']} {recorded['request']['method']} {recorded['request']['path']}"
        if recorded.get("short"):
            return Outcome(what, left_out="its body was too long to be recorded")
        if polls(recorded):
            return Outcome(what, left_out="a look at a payment under way, whose end depends on the machine")
        was = recorded["reply"]
        seconds = SECONDS if was is not None else float(recorded.get("seconds", 0)) + 1
        reply = self._send(recorded["request"], seconds)
        if was is not None and reply is not None:
            self._bindings.learn(_document(was["body"]), reply.document)
        return Outcome(what, self._comparison.replies(was, None if reply is None else self._as_recorded(reply)))

    def events(self, recorded: Sequence[Object], came: Sequence[Sent]) -> Iterator[Outcome]:
        """Compare the order events, each counted once however often it was sent."""
        was, now = _told(recorded), list(dict.fromkeys(self._veil.body(sent.parcel.body) for sent in came))
        for n in range(max(len(was), len(now))):
            before, after = (bodies[n] if n < len(bodies) else "(none)" for bodies in (was, now))
            yield Outcome(f"order event {n + 1}", self._comparison.bodies(before, after))

    def _send(self, request: Mapping[str, Any], seconds: float) -> Reply | None:
        headers = [(name, value) for name, value in request["headers"] if self._goes_along(name, value)]
        target = self._url.path.rstrip("/") + self._bindings.path(request["path"])
        sent = httpx.Request(
            request["method"],
            self._url,
            headers=[(name.encode(), self._bindings.text(value).encode("latin-1")) for name, value in headers],
            content=self._bindings.text(request["body"]).encode("utf-8", "surrogateescape"),
            extensions={
                "target": target.encode("latin-1"),  # as it was written, without a second thought about it
                "timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds),
            },
        )
        try:
            return _read(self._line.handle_request(sent))
        except (httpx.ConnectError, httpx.UnsupportedProtocol) as failure:
            raise UsageError(f"{self._url} cannot be called: {failure}.") from failure
        except httpx.TransportError:
            return None

    def _as_recorded(self, reply: Reply) -> Object:
        """A reply as a recording has it."""
        veiled = {"headers": self._veil.headers(reply.headers), "body": self._veil.body(reply.body)}
        return {"status": reply.status, "whole": reply.manner is Manner.WHOLE} | veiled

    def _goes_along(self, name: str, value: str) -> bool:
        return name not in _OWN and value != MASK and (self._host or name != "host")


@dataclass
class _Shop:
    """The new shop that a recording is sent to, and the order events that it sent."""

    url: str
    house: House
    server: Server
    heard: _Events

    def at(self, moment: str) -> None:
        """Set the shop's time to that of an exchange; what was due by then has been done."""
        self.house.clock.set(timestamps.parse(moment), stopped=True)
        self.server.do(catch_up(self.house))

    def events(self, count: int) -> Sequence[Sent]:
        """The order events once there are so many, or after a while."""
        with self.heard.arrived:
            self.heard.arrived.wait_for(lambda: len(self.heard.came) >= count, EVENT_SECONDS)
            return list(self.heard.came)


@dataclass
class _Events(Witness):
    """The witness of the order events."""

    came: list[Sent] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def sent(self, event: Sent) -> None:
        """Keep an event."""
        with self.arrived:
            self.came.append(event)
            self.arrived.notify_all()


@contextmanager
def _anew(header: Header, catalogue: Path) -> Iterator[_Shop]:
    if digest(catalogue) != header.catalogue:
        raise UsageError("The recording is of a shop with another catalogue; name its file with --catalogue.")
    heard = _Events()
    with TemporaryDirectory(prefix="acp-replay-") as folder, bind("127.0.0.1", 0) as listener:
        url = url_of(listener)
        house = open_house(
            Terms(
                load(catalogue),
                Path(folder) / "shop.db",
                header.url,  # the same as then, for it stands in the answers
                webhook_url=url + ORDER_EVENTS,
                agents={agent_key(n): owner for n, owner in enumerate(header.agents, start=1)},
                seed=header.seed,
                clock=Clock(at=timestamps.parse(header.clock["at"]), stopped=True),
                scenarios=scenarios(header.scenarios),
                levers=[*faults(header.faults), *variations(header.variations)],
                witnesses=[heard],
            )
        )
        try:
            with running(house.front, listener) as server:
                yield _Shop(url, house, server, heard)
        finally:
            house.close()


def _read(response: httpx.Response) -> Reply:
    """The whole reply, or as much of it as came."""
    headers = headers_of(response.headers.raw)
    body, manner = bytearray(), Manner.WHOLE
    try:
        for piece in response.iter_raw():
            body += piece
    except httpx.TransportError:
        manner = Manner.TRUNCATED
    response.close()
    return Reply(response.status_code, headers, bytes(body), manner)


def _told(events: Sequence[Object]) -> list[str]:
    return list(dict.fromkeys(event["event"]["body"] for event in events))


def _document(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
