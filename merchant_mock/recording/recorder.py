"""The recorder: a witness that writes each exchange and each order event down when it is over."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import acp
from acp.errors import UsageError
from acp.server.outbox import PATH as ORDER_EVENTS
from acp.versions import LATEST
from merchant_mock.app import Terms
from merchant_mock.catalogue import BUILT_IN
from merchant_mock.recording.tape import Header, line_of
from merchant_mock.recording.veil import Veil
from merchant_mock.wire.capture import Exchange, Sent, Witness
from merchant_mock.wire.exchange import Manner, Reply


class Recorder(Witness):
    """Writes one run of a shop into a file of its own in `folder`. Raises UsageError when that cannot be written.

    `agents` are the further bearer keys of the shop.

    Every record is with the operating system when the call returns, so that a process that dies loses none of them.
    """

    def __init__(self, folder: Path, header: Header, api_key: str, agents: Iterable[str] = ()) -> None:
        self._veil = Veil(api_key, agents)
        self._before = self._last = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.path, self._file = _new(folder, header.clock["at"])
        except OSError as error:
            raise UsageError(f"The recording cannot be written to {folder}: {error.strerror}.") from error
        self._write(header.to_dict())

    def exchanged(self, exchange: Exchange) -> None:
        """Write an exchange, unless it is the delivery of an order event to the shop's own inbox."""
        if exchange.asked.path.endswith(ORDER_EVENTS):
            return
        asked = exchange.asked
        record = {
            "n": self._number(exchange),
            "at": exchange.at.isoformat(),
            "seconds": round(exchange.seconds, 4),
            "request": {"method": asked.method, "path": self._veil.text(exchange.target)} | self._message(asked),
            "reply": self._reply(exchange.reply),
        }
        self._write(record | ({"short": True} if exchange.short else {}))

    def sent(self, event: Sent) -> None:
        """Write an order event."""
        verdict = {"taken": event.verdict.taken, "said": event.verdict.said}
        sent = {"url": self._veil.text(event.parcel.url)} | self._message(event.parcel)
        self._write({"at": event.at.isoformat(), "event": sent, "verdict": verdict})

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _number(self, exchange: Exchange) -> int:
        """The number of an exchange in the recording: after a reset the shop counts anew, and the recording goes on."""
        if exchange.number == 1:
            self._before = self._last
        number = self._before + exchange.number
        self._last = max(self._last, number)
        return number

    def _reply(self, reply: Reply | None) -> dict[str, Any] | None:
        if reply is None:
            return None
        return {"status": reply.status} | self._message(reply) | {"whole": reply.manner is Manner.WHOLE}

    def _message(self, message: Any) -> dict[str, Any]:
        return {"headers": self._veil.headers(message.headers), "body": self._veil.body(message.body)}

    def _write(self, record: Mapping[str, Any]) -> None:
        self._file.write(line_of(record))


def header_of(terms: Terms, catalogue: Path) -> Header:
    """The header of a recording that begins now, of a shop on these terms that sells what is in a file."""
    return Header(
        software=acp.__version__,
        api_version=LATEST,
        url=terms.base_url,
        clock={"at": terms.clock().isoformat(), "stopped": terms.clock.stopped},
        seed=terms.seed,
        agents=list(terms.agents.values()),
        faults=[lever.name for lever in terms.levers if lever.breaks is not None],
        variations=[lever.name for lever in terms.levers if lever.breaks is None],
        scenarios=[scenario.name for scenario in terms.scenarios],
        catalogue=digest(catalogue),
    )


def digest(catalogue: Path) -> str | None:
    """What a catalogue that is not the built-in one is known by."""
    return None if catalogue == BUILT_IN else f"sha256:{sha256(catalogue.read_bytes()).hexdigest()}"


def _new(folder: Path, at: str) -> tuple[Path, BinaryIO]:
    """A file that nobody has yet, which only its owner may read; by name the later recording is the last."""
    stem, n = datetime.fromisoformat(at).strftime("%Y%m%dT%H%M%S"), 1
    while True:
        path = folder / f"{stem}-{n:03d}.jsonl"
        try:
            return path, os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0)
        except FileExistsError:
            n += 1
