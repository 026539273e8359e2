"""Exchanges as a person reads them: what was asked and answered, and nothing that moves a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from conformance.visible import visible


def dialogue(record: Mapping[str, Any]) -> Iterator[Text]:
    """The lines of one exchange, as it is kept in a run file."""
    request = record["request"]
    yield Text(f"#{record['number']} {request['method']} {visible(request['url'])}", "bold cyan")
    yield from _message(request, "> ")
    if "answer" in record:
        answer = record["answer"]
        colour = "bold green" if answer["status"] < 400 else "bold yellow" if answer["status"] < 500 else "bold red"
        yield Text(f"{answer['status']} after {record['milliseconds']} ms", colour)
        yield from _message(answer, "< ")
    if "failure" in record:
        yield Text(visible(record["failure"]["says"]), "bold red")


def _message(message: Mapping[str, Any], mark: str) -> Iterator[Text]:
    for name, value in message["headers"]:
        yield Text(f"{mark}{visible(name)}: {visible(value)}", "dim")
    body = json.dumps(message["json"], indent=2, ensure_ascii=False) if "json" in message else message.get("text", "")
    for line in body.splitlines():
        yield Text(f"{mark}{visible(line)}")
