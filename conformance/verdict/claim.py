"""The claim of a run: one word, and how many of the MUSTs it rests on. Never a percentage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from conformance.catalogue import Requirement
from conformance.unchecked import unchecked
from conformance.verdict.outcome import Outcome, Result, counts, worst
from conformance.verdict.runner import Run

Word = Literal["conformant", "conformant-with-warnings", "incomplete", "non-conformant", "invalid"]

EXIT_CODES: Final[Mapping[Word, int]] = {
    "conformant": 0,
    "conformant-with-warnings": 0,
    "incomplete": 2,
    "non-conformant": 1,
    "invalid": 3,
}


@dataclass(frozen=True)
class Verdict:
    """A requirement and what came of it, with the results it rests on."""

    requirement: Requirement
    outcome: Outcome
    results: Sequence[Result] = ()
    says: str = ""


@dataclass(frozen=True)
class Claim:
    """The claim. `verified` of `counted` MUSTs; the others by id."""

    word: Word
    verified: int = 0
    counted: int = 0
    not_applicable: int = 0
    not_verified: Sequence[str] = field(default=())
    review: Sequence[str] = field(default=())
    failed: Sequence[str] = field(default=())
    warned: Sequence[str] = field(default=())
    unstable: Sequence[str] = field(default=())
    why: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The claim as it stands in a run file."""
        return {
            "claim": self.word,
            "verified": self.verified,
            "counted": self.counted,
            "not_applicable": self.not_applicable,
            "not_verified": list(self.not_verified),
            "review": list(self.review),
            "failed": list(self.failed),
            "warned": list(self.warned),
            "unstable": list(self.unstable),
            "why": self.why,
        }


def verdicts(run: Run) -> list[Verdict]:
    """What came of every requirement that the run judges, in the order of the catalogue."""
    by_id: dict[str, list[Result]] = {}
    for result in run.results:
        by_id.setdefault(result.requirement, []).append(result)
    disabled = frozenset(run.selection.profile.get("disabled", ()))
    return [_verdict(each, by_id, disabled, run) for each in run.selection.requirements]


def claim_of(run: Run) -> Claim:
    """The claim that a run allows."""
    if run.wiring:
        return Claim("invalid", why=run.wiring.says)
    judged = verdicts(run)
    musts = [each for each in judged if counts(each.requirement)]
    of = {outcome: [m.requirement.id for m in musts if m.outcome == outcome] for outcome in ("pass", "fail", "review")}
    open_ones = [m.requirement.id for m in musts if m.outcome in ("untestable", "error", "disabled", "warn")]
    warned = [each.requirement.id for each in judged if each.outcome == "warn"]
    return Claim(
        _word(of["fail"], open_ones, warned),
        verified=len(of["pass"]),
        counted=len(of["pass"]) + len(of["fail"]) + _countable(musts),
        not_applicable=sum(m.outcome == "not-applicable" for m in musts),
        not_verified=open_ones,
        review=of["review"],
        failed=of["fail"],
        warned=warned,
        unstable=[each.requirement.id for each in judged if unstable(each.results)],
        why="The run was interrupted." if run.interrupted else "",
    )


def unstable(results: Sequence[Result]) -> str:
    """How a repeated check came out each time, where that was not the same; empty where it was."""
    by_check: dict[str, list[Outcome]] = {}
    for result in results:
        by_check.setdefault(result.check, []).append(result.outcome)
    mixed = next((outcomes for outcomes in by_check.values() if len(set(outcomes)) > 1), None)
    return f"Unstable, {', '.join(mixed)}: " if mixed else ""


def _countable(musts: Sequence[Verdict]) -> int:
    """Those not verified although the profile brings what they need."""
    open_ones = [each for each in musts if each.outcome in ("untestable", "error")]
    return sum(not any(result.needs for result in each.results) for each in open_ones)


def _word(failed: Sequence[str], open_ones: Sequence[str], warned: Sequence[str]) -> Word:
    if failed:
        return "non-conformant"
    if open_ones:
        return "incomplete"
    return "conformant-with-warnings" if warned else "conformant"


def _verdict(
    requirement: Requirement, by_id: Mapping[str, list[Result]], disabled: frozenset[str], run: Run
) -> Verdict:
    results = by_id.get(requirement.same_as or requirement.id, [])
    if requirement.id in disabled:
        return Verdict(requirement, "disabled", says="The profile switches it off.")
    if results:
        outcome = worst(each.outcome for each in results)
        telling = next(each for each in results if each.outcome == outcome)
        often = unstable(results)
        return Verdict(requirement, outcome, results, f"{often}{telling.says}")
    reason = unchecked(requirement)
    if reason:
        return Verdict(requirement, "review", says=reason)
    return Verdict(
        requirement, "untestable", says="The run was interrupted before." if run.interrupted else "Not reached."
    )
