"""The table of transitions is whole, and as firm as the requirements it leads to."""

from __future__ import annotations

import itertools

import pytest

from conformance import transitions as table
from conformance.catalogue import catalogue
from conformance.checking.registry import OBSERVATIONS, PROBES
from conformance.checks import lifecycle
from conformance.dialect import DIALECTS
from conformance.errors import BadCatalogue
from conformance.transitions import NONE, OPERATIONS, transitions
from conformance.verdict.outcome import broken

STATES = {NONE, *DIALECTS["2026-04-17"].statuses}


def test_something_is_said_of_every_operation_in_every_state():
    said = {cell for row in transitions() for cell in itertools.product(row.state, row.operation)}
    assert said == {*itertools.product(STATES, OPERATIONS)}


def test_only_what_is_stated_can_fail_a_shop():
    for row in transitions():
        if row.judged_by and row.firmness != "stated":
            assert broken(catalogue()[row.judged_by]) == "warn", row


def test_what_is_silent_expects_nothing_and_everything_else_does():
    for row in transitions():
        expects = any((row.answer, row.error, row.then, row.same, row.order))
        assert expects is (row.firmness != "silent"), row
        assert (row.judged_by is None) is (row.firmness == "silent"), row


def test_every_requirement_of_the_table_has_a_check():
    checked = {id for check in [*PROBES.values(), *OBSERVATIONS.values()] for id in check.requirements}
    assert {row.judged_by for row in transitions() if row.judged_by} <= checked


def test_a_row_of_a_state_that_can_be_brought_about_is_a_probe():
    named = [name for name in PROBES if name.startswith("lifecycle.")]
    rows = [row for row in transitions() if {*row.state} & {*lifecycle.STATES} and row.judged_by]
    assert len(named) == len(rows) > 0


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("{state: completed, operation: cancel}", "firmness"),
        ("{state: completed, operation: cancel, firmness: sure}", "firmness or an operation"),
        ("{state: completed, operation: erase, firmness: stated}", "firmness or an operation"),
        ("{state: completed, operation: cancel, firmness: stated, code: 1}", "code"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(row, says, tmp_path, monkeypatch):
    file = tmp_path / "transitions.yaml"
    file.write_text(f"- {{state: none, operation: retrieve, firmness: silent}}\n- {row}\n")
    monkeypatch.setattr(table, "FILE", file)
    with pytest.raises(BadCatalogue, match=rf"row 2.*{says}"):
        transitions.__wrapped__()
