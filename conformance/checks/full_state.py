"""Observations of what no other check speaks of: every answer is a whole session, valid in the version under test.

They are general: what another check has found wrong in the same answer is left to it, and so is what a reading
tolerates or only warns about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import schemas
from conformance.checking.closed import added, members
from conformance.checking.given import DEFINITIONS, given_wrong
from conformance.checking.registry import Look, observation
from conformance.document import matches, touches
from conformance.trial.sight import Sight
from schemas import Problem

FREE: Final = ("metadata", "config", "authentication_metadata")
"""Members that hold whatever the shop likes."""

_ANY: Final[Callable[[Any], bool]] = lambda value: True  # noqa: E731  # as short as the rows it stands in

LEFT: Final[Sequence[tuple[str, Callable[[Any], bool]]]] = (
    ("$..order_notes", _ANY),  # A32
    ("$..phone", _ANY),  # A39
    ("$.line_items[*].item.quantity", _ANY),  # A01
    ("$.line_items[*].base_amount", _ANY),  # A40, as the four below
    ("$.line_items[*].discount", _ANY),
    ("$.line_items[*].subtotal", _ANY),
    ("$.line_items[*].tax", _ANY),
    ("$.line_items[*].total", _ANY),
    ("$.line_items[*].quantity", lambda value: isinstance(value, float) and value > 0),  # A34
    ("$.line_items[*].totals[*].type", lambda value: value == "base_amount"),  # A69
    ("$.messages[*].param", lambda value: value is None),  # A58
    ("$.messages[*].code", lambda value: isinstance(value, str)),  # A67: an extension may have its own
    ("$.capabilities.extensions", lambda value: value == []),  # A21
    ("$.capabilities.interventions.*[*]", lambda value: isinstance(value, str)),  # A79
)
"""What the schemas refuse and no MUST does, as a pattern and what the value there has to be."""


@observation("checkout.session.body.no-null-members", of="reply", always=True, general=True)
def no_member_is_null(sight: Sight) -> Iterator[Look]:
    """A member without a value is left out, but for a `param` (A58) and what is free-form."""
    nulls = [at for at, value in sight.document.places() if value is None and _is_member(at)]
    wrong = [at for at in nulls if not _is_free(at, sight) and not sight.is_explained(at)]
    yield from (Look(at, "A member without a value is null, not left out.") for at in wrong)
    if not wrong:
        yield Look("$")


@observation("checkout.session.create.full-state", of="session", always=True, general=True)
def a_create_is_answered_by_a_whole_session(sight: Sight) -> Iterator[Look]:
    """What create answers is a valid session."""
    yield from _whole(sight, "create")


@observation("checkout.session.update.full-state", of="session", always=True, general=True)
def an_update_is_answered_by_a_whole_session(sight: Sight) -> Iterator[Look]:
    """What update answers is a valid session."""
    yield from _whole(sight, "update")


@observation("checkout.session.retrieve.full-state", of="session", always=True, general=True)
def a_retrieve_is_answered_by_a_whole_session(sight: Sight) -> Iterator[Look]:
    """What retrieve answers is a valid session."""
    yield from _whole(sight, "retrieve")


@observation("checkout.session.cancel.full-state", of="session", always=True, general=True)
def a_cancel_is_answered_by_a_whole_session(sight: Sight) -> Iterator[Look]:
    """What cancel answers is a valid session."""
    yield from _whole(sight, "cancel")


def _whole(sight: Sight, operation: str) -> Iterator[Look]:
    if sight.exchange.operation != operation:
        return
    yield from whole(sight)


def whole(sight: Sight) -> Iterator[Look]:
    """A look for each problem of a session that nothing else speaks of, and no reading passes over; or for none."""
    rule = schemas.validator("checkout", "CheckoutSession", version=sight.version)
    wrong = [each for each in rule.problems(sight.document.value) if _counts(each, sight)]
    yield from (Look(each.path, each.message) for each in wrong)
    if not wrong:
        yield Look("$")


def _counts(problem: Problem, sight: Sight) -> bool:
    """Whether a problem is one that nothing else speaks of, and no reading passes over."""
    if sight.is_explained(problem.path) or touches("$.order", problem.path):  # an order is judged on its own
        return False
    if problem.code == "unknown" and added(sight.document, problem.path.rpartition(".")[2]):
        return False
    if any(touches(f"$.{member}", problem.path) and given_wrong(sight, member) for member in DEFINITIONS):
        return False
    value = sight.document.at(problem.path)
    return not any(matches(pattern, problem.path) and left(value) for pattern, left in LEFT)


def _is_member(at: str) -> bool:
    """Whether what stands at a path is left out when it has no value: a `param` may stay (A58), an entry has to."""
    return not at.endswith((".param", *(f"{digit}]" for digit in range(10))))


def _is_free(at: str, sight: Sight) -> bool:
    """Whether a place lies in something free-form, or in a field that an extension added."""
    top, *names = [name.partition("[")[0] for name in at.split(".")[1:]] or [""]
    known = members("CheckoutSessionBase", sight.version)
    return any(name in FREE for name in (top, *names[:-1])) or (top not in known and added(sight.document, top))
