"""What a check can find, as it raises it; a check that returns has seen the rule kept.

Finding
├── Broken         the rule was broken: `says` is one sentence with what came and what was asked for
├── Blocked        something that has to work first did not; `by` is the requirement whose check judges that
├── Missing        the profile does not bring an input, such as `payment`
│   └── Forbidden  the operator does not allow what the check would have to send
├── Unanswered     the network or the harness failed, so nothing can be said
└── NotApplicable  the rule does not concern this shop; the sentence cites what shows it
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.wire.exchange import Exchange


class Finding(Exception):
    """The root of what ends a check early. `seen` are the exchanges that show it, the telling one last."""

    def __init__(self, says: str, *seen: Exchange, at: str = "") -> None:
        super().__init__(says)
        self.says = says
        self.seen: Sequence[Exchange] = seen
        self.at = at
        """Where in the last answer, as a path like `$.totals[0].amount`; empty for the answer as a whole."""


class Broken(Finding):
    """The rule was broken."""


class Blocked(Finding):
    """A step that the check stands on did not work."""

    def __init__(self, says: str, *seen: Exchange, by: str | None = None) -> None:
        super().__init__(says, *seen)
        self.by = by


class Missing(Finding):
    """An input that the profile does not bring; `input` is the member of the profile that would."""

    def __init__(self, input: str, why: str) -> None:
        super().__init__(f"The profile brings no {input}: {why}")
        self.input = input


class Forbidden(Missing):
    """An option of the run forbids to send it; `input` is that option."""

    def __init__(self, option: str, what: str) -> None:
        Finding.__init__(self, f"{option} does not allow {what}.")
        self.input = option


class Unanswered(Finding):
    """There was no answer to judge."""


class NotApplicable(Finding):
    """The rule does not concern what is under test."""
