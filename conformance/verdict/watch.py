"""The watch: shows every answer and every event of a run to the observations, and counts what they saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from acp import headers
from conformance.catalogue import Catalogue, Requirement
from conformance.checking.registry import Kind, Look, Observation
from conformance.dialect import SESSION_OPERATIONS
from conformance.document import Document
from conformance.profile import Profile
from conformance.trial.discovery import is_discovery
from conformance.trial.session import is_session
from conformance.trial.sight import Sight
from conformance.trial.told import Told, told
from conformance.trial.tools import PREFIX, is_call
from conformance.verdict.outcome import Outcome, Result, broken
from conformance.wire.exchange import Exchange

MOST_TOLD: Final = 5
"""Places told of each observation that found something wrong; the others are counted."""


@dataclass(eq=False)
class Tally:
    """What one observation saw: places looked at, and those that were wrong."""

    observation: Observation
    looked: int = 0
    wrong: list[tuple[Look, Exchange]] = field(default_factory=list)
    last: Exchange | None = None


OFFERED: Final[Mapping[Kind, str]] = {
    "discovery": "The run brought no discovery document.",
    "tool": "No tool was called over MCP.",
}
"""Kinds that a shop may leave out, with what is said then; where it has to show one, a probe of its own says so."""


class Watch:
    """Sees exchanges and events. `observations` are those whose requirements are judged in this run."""

    def __init__(self, observations: Sequence[Observation], catalogue: Catalogue, profile: Profile) -> None:
        self._version, self._dialect = profile.version, profile.dialect
        self._secret = str(profile.get("webhook.secret", ""))
        self._tallies = [Tally(each) for each in observations]
        self._roles = {each.name: catalogue[each.requirements[0]].role for each in observations}
        self._by_kind: dict[Kind, list[Tally]] = {}
        for tally in self._tallies:
            self._by_kind.setdefault(tally.observation.of, []).append(tally)
        self._sessions: dict[str, Mapping[str, Any]] = {}
        self._given: dict[str, tuple[Mapping[str, Any], ...]] = {}
        self._roads: dict[str, type[Exchange]] = {}
        self._keys: set[str] = set()
        self.shown: dict[Kind, int] = {}
        """How often there was something of each kind to look at."""

    def see(self, exchange: Exchange) -> None:
        """Look at what an exchange, or an event, brought; what is general looks once all else has."""
        explained: list[str] = []
        sights = list(self._sights(exchange))
        for kind, sight in sights:
            self.shown[kind] = self.shown.get(kind, 0) + 1
            self._show(kind, sight, explained, general=False)
        for kind, sight in sights:
            self._show(kind, sight, explained, general=True)
        self._remember(exchange)

    def results(self, catalogue: Catalogue) -> Iterator[Result]:
        """What came of every observation, for each of its requirements."""
        for tally in self._tallies:
            for id in tally.observation.requirements:
                yield self._result(tally, catalogue[id])

    def _concerns(self, observation: Observation, exchange: Exchange) -> bool:
        role = self._roles[observation.name]
        return role == "either" or (role == "psp") is (exchange.operation == "delegate")

    def _show(self, kind: Kind, sight: Sight, explained: list[str], *, general: bool) -> None:
        for tally in self._by_kind.get(kind, ()):
            if tally.observation.general is general and self._concerns(tally.observation, sight.exchange):
                self._look(tally, replace(sight, explained=tuple(explained)) if general else sight, explained)

    def _look(self, tally: Tally, sight: Sight, explained: list[str]) -> None:
        for look in tally.observation.look(sight):
            tally.looked += 1
            tally.last = sight.exchange
            if look.wrong:
                at = sight.at + look.at.removeprefix("$")
                explained.append(at)
                tally.wrong.append((replace(look, at=at), sight.exchange))

    def _sights(self, exchange: Exchange) -> Iterator[tuple[Kind, Sight]]:
        """What an exchange shows, by kind. A 5xx shows nothing, for it is a crash and no answer."""
        if exchange.operation == "event":
            yield from self._event_sights(exchange)
            return
        if exchange.operation.startswith(PREFIX):
            yield from self._tool_sights(exchange)
            return
        if exchange.answer is None or exchange.operation == "hook" or exchange.status >= 500:
            return
        sight = self._known(exchange)
        yield "reply", sight
        document = exchange.document
        if not isinstance(document, dict):
            return
        if exchange.refused:
            yield "error", sight
        elif exchange.operation in SESSION_OPERATIONS and is_session(document):
            yield from self._session_sights(sight)
        elif exchange.operation == "discover" and is_discovery(document):
            yield "discovery", sight
        elif exchange.operation == "delegate" and not _objects(document):
            yield "token", sight

    def _tool_sights(self, exchange: Exchange) -> Iterator[tuple[Kind, Sight]]:
        """What a call over MCP shows; the session in it is held to the very rules of one that came over REST."""
        if not is_call(exchange.operation) or exchange.answer is None:
            return
        seen = told(exchange)
        yield "tool", self._sight(seen, seen.body)
        if seen.shown is not None:
            yield from self._session_sights(self._known(_over_rest(seen)))

    def _session_sights(self, sight: Sight) -> Iterator[tuple[Kind, Sight]]:
        """A session is held to its rules on the road it came by; whether the other shows the same, a probe asks."""
        if self._strays(sight.exchange):
            return
        yield "session", sight
        order = sight.document.value.get("order")
        if isinstance(order, dict):
            yield "order", replace(sight, document=Document(order), at="$.order")

    def _event_sights(self, exchange: Exchange) -> Iterator[tuple[Kind, Sight]]:
        document = exchange.sent.document
        sight = self._sight(exchange, Document(document if isinstance(document, dict) else {}))
        yield "event", sight
        data = sight.document.value.get("data")
        if isinstance(data, dict):
            yield "order", replace(sight, document=Document(data), at="$.data")

    def _known(self, exchange: Exchange) -> Sight:
        """What an exchange brought, beside what is known of its session by now."""
        asked = _asked(exchange)
        before = self._sessions.get(exchange.session or "")
        given = (*self._given.get(exchange.session or "", ()), asked)
        return replace(self._sight(exchange, exchange.body), before=before, asked=asked, given=given)

    def _sight(self, exchange: Exchange, document: Document) -> Sight:
        return Sight(exchange, document, self._version, dialect=self._dialect, secret=self._secret)

    def _remember(self, exchange: Exchange) -> None:
        """Keep what a session is like now; what is said again under the same key may be long past."""
        if is_call(exchange.operation) and exchange.answer is not None:
            exchange = _over_rest(told(exchange))
        document, key = exchange.document, _key(exchange)
        passed_over = key in self._keys or self._strays(exchange)
        self._keys.update({key} if key else ())
        if exchange.succeeded and exchange.operation in SESSION_OPERATIONS and is_session(document) and not passed_over:
            id = exchange.session or str(document.get("id"))
            self._roads[id] = type(exchange)
            self._sessions[id] = document
            self._given[id] = (*self._given.get(id, ()), _asked(exchange))

    def _strays(self, exchange: Exchange) -> bool:
        """Whether a session is met on another road than the one it came by: over REST, or as told over MCP."""
        return self._roads.get(exchange.session or "", type(exchange)) is not type(exchange)

    def _result(self, tally: Tally, requirement: Requirement) -> Result:
        observation, wrong = tally.observation, tally.wrong
        named: dict[str, Any] = {"check": observation.name, "requirement": requirement.id}
        if wrong:
            look, _ = wrong[0]
            more = f" So in {len(wrong)} of {tally.looked} places." if len(wrong) > 1 else ""
            seen = [each.number for _, each in reversed(wrong[:MOST_TOLD])]
            return Result(**named, outcome=broken(requirement), says=look.wrong + more, at=look.at, seen=seen)
        if tally.looked and tally.last:
            places = "place" if tally.looked == 1 else "places"
            return Result(**named, outcome="pass", says=f"Looked at {tally.looked} {places}.", seen=[tally.last.number])
        outcome, says = self._unseen(observation)
        return Result(**named, outcome=outcome, says=says)

    def _unseen(self, observation: Observation) -> tuple[Outcome, str]:
        """What an observation that saw nothing comes to: nothing of its kind came, or none of it spoke of this."""
        shown = self.shown.get(observation.of, 0)
        if not shown and observation.of in OFFERED:
            return "not-applicable", OFFERED[observation.of]
        if not shown or observation.always:
            return "untestable", f"The run brought no {observation.of} that shows it."
        return "not-applicable", f"None of {shown} {observation.of} documents has what it speaks of."


def _over_rest(seen: Told) -> Told:
    """A call of a tool under the name that its operation has over REST."""
    return replace(seen, operation=seen.operation.removeprefix(PREFIX))


def _asked(exchange: Exchange) -> Mapping[str, Any]:
    asked = exchange.arguments.get("payload") if isinstance(exchange, Told) else exchange.sent.document
    return asked if isinstance(asked, dict) else {}


def _key(exchange: Exchange) -> str | None:
    """The idempotency key of a request, over either road."""
    if not isinstance(exchange, Told):
        return exchange.sent.header(headers.IDEMPOTENCY_KEY)
    meta = exchange.arguments.get("meta")
    key = meta.get("idempotency_key") if isinstance(meta, dict) else None
    return key if isinstance(key, str) else None


def _objects(document: Any) -> bool:
    """Whether a document is an error, whatever the status that it came with."""
    return "id" not in document and {"code", "message"} <= document.keys()
