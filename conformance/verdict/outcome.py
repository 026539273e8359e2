"""Outcomes: what came of a check, and what that means for a requirement.

How bad a broken rule is follows from the requirement, never from the check: only a plainly stated MUST can fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

from conformance.catalogue import Requirement

Outcome = Literal["pass", "fail", "warn", "untestable", "not-applicable", "disabled", "review", "error"]

OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

MEANINGS: Final[dict[Outcome, str]] = {
    "pass": "exercised, and kept",
    "fail": "a MUST was broken",
    "warn": "a SHOULD was broken, or a rule on which the sources part",
    "untestable": "applies, but an input, a prerequisite or an earlier step is missing",
    "not-applicable": "does not concern this shop or this version",
    "disabled": "switched off by the profile",
    "review": "needs a person's word",
    "error": "the harness or the network failed",
}

SIGNS: Final[dict[Outcome, str]] = {
    "pass": "✓",
    "fail": "✗",
    "warn": "!",
    "untestable": "?",
    "not-applicable": "–",
    "disabled": "×",
    "review": "☐",
    "error": "E",
}
"""The sign of each outcome, for where colour alone would say it."""

_WORST_FIRST: Final[Sequence[Outcome]] = (
    "fail", "warn", "error", "untestable", "disabled", "review", "pass", "not-applicable",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one check for one requirement. `seen` are numbers of exchanges, the telling one last.

    `by` is the requirement that is judged to be at fault, where a step failed that this check stands on; `needs` the
    member of the profile that is missing.
    """

    check: str
    requirement: str
    outcome: Outcome
    says: str = ""
    at: str = ""
    seen: Sequence[int] = ()
    by: str | None = None
    needs: str | None = None

    def redacted(self, shown: Callable[[str], str]) -> Result:
        """The result with its words as they may be shown, for they may repeat what a server said."""
        return replace(self, says=_whole(shown(self.says)), at=_whole(shown(self.at)))

    def to_dict(self) -> dict[str, Any]:
        """The result as it stands in a run file."""
        members = {
            name: getattr(self, name) for name in ("check", "requirement", "outcome", "says", "at", "by", "needs")
        }
        return {name: value for name, value in members.items() if value} | {"seen": list(self.seen)}


def _whole(text: str) -> str:
    """The text with every half of a character, which no file can hold, written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def broken(requirement: Requirement) -> Outcome:
    """What a requirement that was found broken comes to."""
    stated = requirement.status == "normative" and not requirement.derived
    return "fail" if stated and requirement.level in ("MUST", "MUST NOT") else "warn"


def counts(requirement: Requirement) -> bool:
    """Whether a requirement is one of the N: a plainly stated MUST that restates no other."""
    stated = requirement.status == "normative" and not requirement.derived and requirement.same_as is None
    return stated and requirement.level in ("MUST", "MUST NOT")


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of a requirement of which there are several results; no skip reads as a pass."""
    return min(outcomes, key=_WORST_FIRST.index)
