"""The file of a recording: JSON Lines, first what shop it is of, then each exchange and each order event.

    {"recording": 1, "software": "0.1.0", "api_version": "2026-04-17", "url": …, "seed": 7, "clock": {"at": …,
     "stopped": true}, "agents": [owner, …], "faults": […], "variations": […], "scenarios": […],
     "catalogue": "sha256:…"}
    {"n": 1, "at": …, "seconds": 0.012, "request": {"method": …, "path": …, "headers": [[name, value], …], "body": …},
     "reply": {"status": 201, "headers": […], "body": …, "whole": true}}
    {"at": …, "event": {"url": …, "headers": […], "body": …}, "verdict": {"taken": true, "said": "HTTP 200"}}

`reply` is null where no answer came; `"short": true` marks an exchange whose bodies were too long to be kept whole. A
last line that is not complete, as a crash leaves it, is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acp import timestamps
from acp.errors import UsageError

FORMAT = 1
"""The version of the format. A reader refuses one that it does not know."""

Object = dict[str, Any]


@dataclass(frozen=True)
class Header:
    """What shop a recording is of."""

    software: str
    api_version: str
    url: str
    clock: Mapping[str, Any]
    seed: int | None = None
    agents: Sequence[str] = ()
    faults: Sequence[str] = ()
    variations: Sequence[str] = ()
    scenarios: Sequence[str] = ()
    catalogue: str | None = None

    def to_dict(self) -> Object:
        """The header as its line has it."""
        return {"recording": FORMAT, **vars(self)}


@dataclass(frozen=True)
class Tape:
    """A whole recording. `exchanges` are in the order in which they were asked."""

    header: Header
    exchanges: Sequence[Object] = field(repr=False)
    events: Sequence[Object] = field(repr=False)


def line_of(record: Mapping[str, Any]) -> bytes:
    """A record as its line, in ASCII."""
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def newest(path: Path) -> Path:
    """A recording, or the last one of a folder of them. Raises UsageError where there is none."""
    if not path.is_dir():
        return path
    found = sorted(path.glob("*.jsonl"))
    if not found:
        raise UsageError(f"There is no recording in {path}.")
    return found[-1]


def read(path: Path) -> Tape:
    """A recording. Raises UsageError, with the line, for a file that is none."""
    lines = _lines(path)
    header = _header(path, next(lines, None))
    records = [_record(path, number, line) for number, line in lines]
    exchanges = sorted((record for record in records if "request" in record), key=lambda record: record["n"])
    return Tape(header, exchanges, [record for record in records if "event" in record])


def polls(exchange: Mapping[str, Any]) -> bool:
    """Whether an exchange only looked whether a payment had ended, which depends on how fast a machine is."""
    try:
        document = json.loads(exchange["reply"]["body"]) if exchange["request"]["method"] == "GET" else None
    except (ValueError, RecursionError, TypeError):
        return False
    return isinstance(document, dict) and document.get("status") == "complete_in_progress"


def _lines(path: Path) -> Iterator[tuple[int, Object]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):  # after the last newline nothing is complete
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise UsageError(f"{path}, line {number}: not a JSON object.")
        yield number, found


def _header(path: Path, first: tuple[int, Object] | None) -> Header:
    said = first[1] if first else {}
    if said.get("recording") != FORMAT:
        raise UsageError(f'{path} is no recording of a shop: its first line does not say "recording": {FORMAT}.')
    members = {name: value for name, value in said.items() if name in Header.__dataclass_fields__}
    try:
        header = Header(**members)
        timestamps.parse(header.clock["at"])
    except (TypeError, KeyError, ValueError, AttributeError):
        raise UsageError(f"{path}, line 1: the header of the recording is not complete.") from None
    return header


def _record(path: Path, number: int, record: Object) -> Object:
    try:
        if "event" in record:
            _check_message(record["event"])
            return record
        _check_message(record["request"])
        timestamps.parse(record["at"])
        if record["reply"] is not None:
            _check_message(record["reply"])
            _check_kind(int, record["reply"]["status"])
        _check_kind(int, record["n"])
        _check_kind(str, record["request"]["method"], record["request"]["path"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UsageError(f"{path}, line {number}: neither an exchange nor an order event.") from None
    return record


def _check_message(message: Mapping[str, Any]) -> None:
    """Raises TypeError or ValueError for what has no headers or no body."""
    for name, value in message["headers"]:
        _check_kind(str, name, value)
    _check_kind(str, message["body"])


def _check_kind(kind: type, *values: Any) -> None:
    """Raises TypeError for a value of another kind."""
    if not all(isinstance(value, kind) for value in values):
        raise TypeError
