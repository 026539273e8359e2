"""One session of a recording as a pytest test that runs: what was asked, and what was answered to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from acp import timestamps
from acp.errors import UsageError
from acp.redaction import MASK
from merchant_mock.recording.literals import Expression, literal
from merchant_mock.recording.tape import Header, Object, Tape, polls
from merchant_mock.recording.veil import API_KEY, PLACEHOLDER, Unveiling, once
from merchant_mock.wire.exchange import Asked

_VERBS = {
    "create": "created",
    "update": "updated",
    "retrieve": "retrieved",
    "complete": "completed",
    "cancel": "canceled",
    "delegate_payment": "delegated",
    "discover": "discovered",
}
_SENT_ANYWAY = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"}
)
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_HELPERS = """import httpx
import pytest


def codes(answer):
    return [message.get("code") for message in answer.json()["messages"]]


def totals(answer):
    return [(entry["type"], entry["amount"]) for entry in answer.json()["totals"]]
"""
WIDTH = 115
"""Columns of a call that stands on one line."""


def session_of(tape: Tape, order_id: str) -> str:
    """The session that an order came from. Raises UsageError for an order that was not recorded."""
    for session, order in map(_placed, tape.exchanges):
        if order == order_id and isinstance(session, str):
            return session
    raise UsageError(f"No session of the recording ends in the order {literal(order_id)}.")


def exported(tape: Tape, session_id: str) -> str:
    """The text of a test of one session. Raises UsageError for a session that was not recorded."""
    exchanges = list(_about(tape.exchanges, session_id))
    if not exchanges:
        raise UsageError(f"The session {literal(session_id)} is not in the recording.")
    return Writing(tape.header, session_id).text(exchanges)


@dataclass
class Writing:
    """A test while it is written. `names` are the expressions that stand for ids and tokens."""

    header: Header
    session_id: str
    names: dict[str, Expression] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    common: dict[str, str] = field(default_factory=dict)
    at: datetime | None = None

    def text(self, exchanges: Sequence[Object]) -> str:
        """The whole file."""
        self.at = timestamps.parse(exchanges[0]["at"])
        self.common = {"authorization": f"Bearer {API_KEY}", "api-version": self.header.api_version}
        steps = [line for exchange in exchanges for line in self._step(exchange)]
        marks = {"seed": self.header.seed, "clock": exchanges[0]["at"]}
        marks |= {name: list(value) for name, value in self._levers() if value}
        told = ", ".join(f"{name}={literal(value)}" for name, value in marks.items())
        body = "\n".join(f"        {line}" if line else "" for line in steps[:-1])
        return (
            f'"""A session as it was recorded: {_story(exchanges)}."""\n\n{_HELPERS}\n\n'
            f"@pytest.mark.acp_merchant({told})\n"
            f"def test_{_name(self.session_id)}(acp_merchant):\n"
            f"    headers = {literal(self._titled(self.common), 4)}\n"
            f"    with httpx.Client(base_url=acp_merchant.url, trust_env=False) as http:\n{body}\n"
        )

    def _levers(self) -> Iterator[tuple[str, Sequence[str]]]:
        yield from (
            ("fault", self.header.faults),
            ("variation", self.header.variations),
            ("scenario", self.header.scenarios),
        )

    def _step(self, exchange: Object) -> Iterator[str]:
        if passed := self._passed(exchange):
            yield f"acp_merchant.clock.advance(seconds={passed})"
        answer = self._named(_VERBS.get(_asked(exchange).operation or "", "answered"))
        if exchange["reply"] is None or not exchange["reply"].get("whole", True):
            yield "with pytest.raises(httpx.TransportError):"
            yield f"    {self._call(exchange, 12)}"
        else:
            yield f"{answer} = {self._call(exchange, 8)}"
            yield from self._checks(answer, exchange)
            self._learn(answer, exchange)
        yield ""

    def _passed(self, exchange: Object) -> int:
        """Whole seconds since the exchange before, by which the clock of the test is advanced."""
        now = timestamps.parse(exchange["at"])
        seconds = int((now - (self.at or now)).total_seconds())
        if seconds > 0:
            self.at = now
        return max(seconds, 0)

    def _call(self, exchange: Object, indent: int) -> str:
        request, inner = exchange["request"], indent + 4
        method = request["method"].lower()
        called = f"http.{method}" if method in _METHODS else "http.request"
        arguments = [] if method in _METHODS else [literal(request["method"])]
        arguments.append(literal(self._path(request["path"])))
        sent = dict(request["headers"])
        if exchange["reply"] is not None and exchange["reply"]["status"] < 400:
            sent.pop("request-id", None)  # a client makes a new one each time
        document = _json(request["body"]) if sent.get("content-type") == "application/json" else None
        if document is not None:
            sent.pop("content-type")
        if (headers := self._headers(sent, inner)) is not None:
            arguments.append(f"headers={headers}")
        if document is not None:
            arguments.append(f"json={literal(self._value(document), inner)}")
        elif request["body"]:
            arguments.append(f'content={literal(self._secrets(request["body"]))}.encode("utf-8", "surrogateescape")')
        flat = f"{called}({', '.join(arguments)})"
        if "\n" not in flat and len(flat) + indent + 12 <= WIDTH:
            return flat
        return f"{called}(\n" + "".join(f"{' ' * inner}{one},\n" for one in arguments) + f"{' ' * indent})"

    def _headers(self, sent: Mapping[str, str], indent: int) -> str | None:
        """The headers of a request as Python: those of them all and its own, or only its own where one is missing."""
        own = {name: value for name, value in sent.items() if name not in _SENT_ANYWAY and value != MASK}
        if any(own.get(name) != value for name, value in self.common.items()):
            return literal(self._titled(own), indent) if own else None
        rest = {name: value for name, value in own.items() if name not in self.common}
        return f"headers | {literal(self._titled(rest), indent)}" if rest else "headers"

    def _titled(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers under their usual names, in which the bearer key is that of the shop."""
        key = Expression('f"Bearer {acp_merchant.api_key}"')
        return {
            name.title().replace("Api-", "API-"): key if value == f"Bearer {API_KEY}" else self._secrets(value)
            for name, value in headers.items()
        }

    def _checks(self, answer: str, exchange: Object) -> Iterator[str]:
        yield f"assert {answer}.status_code == {literal(exchange['reply']['status'])}"
        document = _reply_of(exchange)
        if exchange["reply"]["status"] >= 400:
            for member in ("code", "param"):
                if member in document:
                    yield f'assert {answer}.json()["{member}"] == {literal(self._value(document[member]), 8)}'
            return
        if "status" in document and "line_items" in document:
            yield f'assert {answer}.json()["status"] == {literal(document["status"])}'
            codes = [message.get("code") for message in _objects(document.get("messages"))]
            yield f"assert codes({answer}) == {literal(codes, 8, len(answer) + 22)}"
            totals = [(entry.get("type"), entry.get("amount")) for entry in _objects(document.get("totals"))]
            yield f"assert totals({answer}) == {literal(totals, 8, len(answer) + 22)}"

    def _learn(self, answer: str, exchange: Object) -> None:
        """Let what a reply named for the first time be written as the member of that reply."""
        document = _reply_of(exchange)
        for path, value in (("id", document.get("id")), ("order", document.get("order"))):
            named = value.get("id") if isinstance(value, Mapping) else value
            if isinstance(named, str) and named not in self.names:
                member = '["order"]["id"]' if path == "order" else '["id"]'
                self.names[named] = Expression(f"{answer}.json(){member}")

    def _path(self, path: str) -> Any:
        """A path in which known ids are expressions."""
        parts = [self.names.get(part, part) for part in re.split(r"([/?&=])", path)]
        if not any(isinstance(part, Expression) for part in parts):
            return self._secrets(path)
        told = " + ".join(part if isinstance(part, Expression) else literal(part) for part in _joined(parts))
        return Expression(told)

    def _value(self, value: Any) -> Any:
        """A JSON value in which known ids are expressions and secrets are what is sent for them."""
        if isinstance(value, Mapping):
            return {self._secrets(name): self._value(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if not isinstance(value, str):
            return value
        return self.names.get(value) or self._secrets(value)

    def _secrets(self, text: str) -> str:
        return Unveiling("acp_key_of_the_shop").text(text) if PLACEHOLDER.search(text) else text

    def _named(self, verb: str) -> str:
        self.used[verb] = self.used.get(verb, 0) + 1
        return verb if self.used[verb] == 1 else f"{verb}_{self.used[verb]}"


def _about(exchanges: Sequence[Object], session_id: str) -> Iterator[Object]:
    """The exchanges of one session: those on it, its payment tokens, and its order."""
    ids = {session_id} | {order for session, order in map(_placed, exchanges) if session == session_id and order}
    for exchange in exchanges:
        asked = _asked(exchange)
        about = {
            *re.split(r"[/?&=]", exchange["request"]["path"]),
            _reply_of(exchange).get("id") if asked.operation == "create" else None,
            _allowed(asked) if asked.operation == "delegate_payment" else None,
        }
        if about & ids and not exchange.get("short") and not polls(exchange):
            yield exchange


def _placed(exchange: Object) -> tuple[Any, str | None]:
    """The session that a reply shows, and the id of its order if there is one."""
    document = _reply_of(exchange)
    order = document.get("order")
    id = order.get("id") if isinstance(order, Mapping) else None
    return document.get("id"), id if isinstance(id, str) else None


def _allowed(asked: Asked) -> str | None:
    """The session that a payment token is asked for."""
    allowance = asked.document.get("allowance") if isinstance(asked.document, Mapping) else None
    id = allowance.get("checkout_session_id") if isinstance(allowance, Mapping) else None
    return id if isinstance(id, str) else None


def _asked(exchange: Object) -> Asked:
    request = exchange["request"]
    body = request["body"].encode("utf-8", "surrogateescape")
    return Asked(request["method"], request["path"].partition("?")[0], (), body)


def _reply_of(exchange: Object) -> Mapping[str, Any]:
    document = _json(exchange["reply"]["body"]) if exchange["reply"] is not None else None
    return document if isinstance(document, dict) else {}


def _json(text: str) -> Any:
    """A JSON text as a value; None for one that a value cannot stand for, as when a member is there twice."""
    try:
        return json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return None


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _joined(parts: Sequence[str]) -> list[str]:
    """Neighbouring texts as one; expressions stay apart."""
    joined: list[str] = []
    for part in parts:
        if joined and not isinstance(part, Expression) and not isinstance(joined[-1], Expression):
            joined[-1] += part
        elif part:
            joined.append(part)
    return joined


def _story(exchanges: Sequence[Object]) -> str:
    """What was done, in the names of our own operations."""
    return ", ".join((_asked(exchange).operation or "another call").replace("_", " ") for exchange in exchanges)


def _name(session_id: str) -> str:
    """A session id as a part of a Python name."""
    return re.sub(r"[^A-Za-z0-9]+", "_", session_id, flags=re.ASCII).strip("_")[:60] or "session"
