"""An exchange as a curl command that sends it again; what is secret is a variable of the shell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_VARIABLE: Final = re.compile(r"(\$\{[A-Z][A-Z0-9_]*\})")
_LEFT_OUT: Final = frozenset({"host", "content-length", "connection", "accept-encoding", "user-agent"})
_FRESH: Final = "idempotency-key"


def curl(record: Mapping[str, Any]) -> str:
    """The command, for bash and zsh, over several lines; `$(uuidgen)` stands for the idempotency key."""
    return " \\\n  ".join(_parts(record["request"]))


def variables(command: str) -> list[str]:
    """The variables that must be set before a command can be run, in the order in which they occur."""
    return list(dict.fromkeys(found[2:-1] for found in _VARIABLE.findall(command)))


def _parts(request: Mapping[str, Any]) -> Iterator[str]:
    yield f"curl -sS -i -X {request['method']} {_quoted(request['url'])}"
    for name, value in request["headers"]:
        if name.lower() == _FRESH:
            yield f'-H "{name}: $(uuidgen)"'
        elif name.lower() not in _LEFT_OUT:
            yield f"-H {_quoted(f'{name}: {value}')}"
    if "json" in request:
        yield f"--data-raw {_quoted(json.dumps(request['json'], ensure_ascii=False))}"
    elif "text" in request:
        yield f"--data-raw {_quoted(request['text'])}"


def _quoted(text: str) -> str:
    """A word of the shell: single quotes around everything but variables, which stand in double ones."""
    parts = _VARIABLE.split(text)
    return "".join(f'"{part}"' if _VARIABLE.fullmatch(part) else _single(part) for part in parts if part) or "''"


def _single(text: str) -> str:
    if any(not char.isprintable() for char in text):
        return "$'" + "".join(_escaped(char) for char in text) + "'"
    return "'" + text.replace("'", "'\\''") + "'"


def _escaped(char: str) -> str:
    if char in "'\\":
        return f"\\{char}"
    return char if char.isprintable() else "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "replace"))
