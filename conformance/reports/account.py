"""What a run file tells, as the reports ask for it. Nothing is judged again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, Final

from conformance.verdict.outcome import Outcome
from conformance.wire.curl import curl

Judged = Mapping[str, Any]
"""A requirement of a run file and what came of it."""

Record = Mapping[str, Any]
"""An exchange of a run file."""

IN_FULL: Final[Sequence[Outcome]] = ("fail", "error", "warn")
"""The outcomes that ask for work, and that reports tell in full, the gravest first."""

_CLAIMED: Final = {"not_verified": "not verified", "review": "for review", "unstable": "unstable"}
BASELINE: Final = {
    "new": "not on the baseline",
    "expired": "on the baseline, but its date is over",
    "stale": "on the baseline, but not failing any more; take it off",
    "excused": "known and excused",
}
"""What a baseline says of requirements, in words."""


class Account:
    """A run file and what follows from it."""

    def __init__(self, run: Mapping[str, Any]) -> None:
        self.run = run
        self.claim: Mapping[str, Any] = run["claim"]

    @cached_property
    def requirements(self) -> Sequence[Judged]:
        """Every requirement but those that restate another of the run, in the order of the catalogue."""
        return [each for each in self.run["requirements"] if not self.restates(each)]

    @cached_property
    def counts(self) -> Counter[str]:
        """How many requirements came to each outcome."""
        return Counter(each["outcome"] for each in self.requirements)

    @cached_property
    def areas(self) -> Mapping[str, Counter[str]]:
        """The same, area by area."""
        found: dict[str, Counter[str]] = {}
        for judged in self.requirements:
            found.setdefault(judged["area"], Counter())[judged["outcome"]] += 1
        return found

    def of(self, outcome: Outcome) -> Sequence[Judged]:
        """The requirements that came to an outcome."""
        return [each for each in self.requirements if each["outcome"] == outcome]

    def by_cause(self, outcome: Outcome) -> Mapping[str, Sequence[Judged]]:
        """The same by why it came so: the input that is needed, what is waited for, or what was said."""
        return _grouped(self.of(outcome), _cause)

    def by_area(self, outcome: Outcome) -> Mapping[str, Sequence[Judged]]:
        """The same by area."""
        return _grouped(self.of(outcome), itemgetter("area"))

    def restates(self, judged: Judged) -> bool:
        """Whether a requirement restates another of the run, where it is told once for both."""
        return judged.get("same_as") in self._ids

    def restating(self, judged: Judged) -> Sequence[Judged]:
        """The requirements that restate one; what was judged for it holds for them."""
        return [each for each in self.run["requirements"] if each.get("same_as") == judged["id"]]

    def telling(self, judged: Judged) -> Mapping[str, Any]:
        """The result that decided the outcome of a requirement; empty where it came without a check."""
        return next((each for each in judged["results"] if each["outcome"] == judged["outcome"]), {})

    def exchange(self, judged: Judged) -> Record | None:
        """The exchange that shows it."""
        seen = self.telling(judged).get("seen", ())
        return next((self.records[number] for number in reversed(seen) if number in self.records), None)

    def command(self, judged: Judged) -> str:
        """A curl command that shows it again; empty where nothing was sent that could be sent again."""
        shown = self.exchange(judged)
        return curl(shown) if shown and shown["operation"] != "event" else ""

    @cached_property
    def records(self) -> Mapping[int, Record]:
        """The exchanges by their numbers."""
        return {record["number"]: record for record in self.run["exchanges"]}

    @property
    def tally(self) -> str:
        """What the claim rests on, in one line."""
        claim = self.claim
        return (
            f"{claim['verified']:,} of {claim['counted']:,} MUST verified, {claim['not_applicable']:,} not applicable, "
            f"{len(claim['not_verified']):,} not verified, {len(claim['review']):,} for review"
        )

    @property
    def caveats(self) -> Iterator[str]:
        """What keeps the claim from being about everything: why it is what it is, and what the run was narrowed to."""
        if self.claim["why"]:
            yield self.claim["why"]
        for what, wanted in self.run["narrowed"].items():
            if wanted:
                yield f"Only these {what} were judged: {', '.join(wanted)}."

    @property
    def lists(self) -> Mapping[str, Sequence[str]]:
        """Requirements by id that the claim names, or that a baseline was held against, by what they are."""
        named = {title: self.claim[member] for member, title in _CLAIMED.items()}
        held = {title: self.run.get("baseline", {}).get(member, ()) for member, title in BASELINE.items()}
        return {title: ids for title, ids in {**named, **held}.items() if ids}

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(each["id"] for each in self.run["requirements"])


def label(record: Record) -> str:
    """An exchange in a few words: `POST /checkout_sessions → 201`."""
    if "answer" in record:
        came = str(record["answer"]["status"])
    else:
        came = record["failure"]["kind"] if "failure" in record else "nothing"
    path = record["request"]["url"].split("://", 1)[-1].partition("/")[2].partition("?")[0]
    return f"{record['request']['method']} /{path} → {came}"


def _grouped(judgements: Sequence[Judged], name: Callable[[Judged], str]) -> Mapping[str, Sequence[Judged]]:
    groups: dict[str, list[Judged]] = {}
    for judged in judgements:
        groups.setdefault(name(judged), []).append(judged)
    return groups


def _cause(judged: Judged) -> str:
    needs = next((result["needs"] for result in judged["results"] if "needs" in result), "")
    blocked = next((result["by"] for result in judged["results"] if "by" in result), "")
    return f"needs {needs}" if needs else f"waits for {blocked}" if blocked else str(judged["says"])
