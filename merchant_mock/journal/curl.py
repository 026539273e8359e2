"""An exchange as a command line: curl with everything that was sent, to be pasted into bash or zsh.

Secrets are variables: export ACP_API_KEY and whatever else the line names before it is run.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from acp.redaction import MASK
from merchant_mock.journal.entry import Entry

VARIABLES = {
    "authorization": "ACP_API_KEY",
    "number": "ACP_CARD_NUMBER",
    "cvc": "ACP_CARD_CVC",
}
"""The variable that stands for a secret of this name; for any other it is ACP_ and the name."""

_LEFT_OUT = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding"})
"""Headers that curl makes itself, or that say how this one connection was used."""

_ADDED = ("accept", "content-type", "user-agent")
"""Headers that curl adds unless it is told not to."""

_SECRET = re.compile(
    rf"(?:\"(?P<name>[^\"\\]+)\"\s*:\s*\"{re.escape(MASK)}\"|(?P<token>\b(?:vt|spt)_){re.escape(MASK)})"
)


def curl(entry: Entry, base: str) -> str:
    """The command line for an exchange with a server at `base`, such as `http://127.0.0.1:8080`."""
    return " \\\n  ".join(_arguments(entry, base)) + "\n"


def _arguments(entry: Entry, base: str) -> Iterator[str]:
    method = "--head" if entry.method == "HEAD" else f"-i -X {_quoted(entry.method)}"
    yield f"curl {method} --path-as-is --globoff {_quoted(base + entry.url)}"
    sent = [(name, value) for name, value in entry.request.headers if name not in _LEFT_OUT]
    for name, value in sent:
        yield f"-H {_with_secret(name, value) if value else _quoted(f'{name};')}"
    for name in _ADDED:
        if entry.request.header(name) is None:
            yield f"-H {_quoted(f'{name}:')}"
    if entry.request.size and entry.method != "HEAD":
        yield _body(entry)


def _with_secret(name: str, value: str) -> str:
    before, secret, after = value.partition(MASK)
    return _quoted(f"{name}: {before}") + (f"{_variable(name)}{_quoted(after) if after else ''}" if secret else "")


def _body(entry: Entry) -> str:
    """The body with a variable for each secret. One that was not kept is to be put into a file again."""
    body = entry.request.body
    if body is None:
        return "--data-binary @body.json"
    pieces, end = [], 0
    for found in _SECRET.finditer(body):
        start = found.end() - len(MASK) - (0 if found["token"] else 1)
        pieces += [_quoted(body[end:start]), _variable(found["name"] or "token")]
        end = start + len(MASK)
    return "--data-raw " + "".join([*pieces, _quoted(body[end:])])  # raw, for a body with @ in front names no file


def _variable(name: str) -> str:
    made = re.sub(r"[^A-Za-z0-9]+", "_", name).upper()
    return f'"${VARIABLES.get(name.lower(), f"ACP_{made}")}"'


def _quoted(text: str) -> str:
    """A word for the shell that holds exactly this text, and nothing that would steer a terminal that shows it."""
    if text.isprintable():
        return shlex.quote(text)
    escaped = "".join(_escaped(char) for char in text)
    return f"$'{escaped}'"


def _escaped(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    if char.isprintable() and char != "!":  # which a shell may replace by an earlier line
        return char
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))
