"""Every fault is a row that says what it breaks, and a shop that has it can be told from a healthy one from outside."""

from __future__ import annotations

import ast
import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonpath
import pytest
from jsonschema import Draft202012Validator

from acp.errors import UsageError
from conformance import catalogue
from merchant_mock import misconduct
from merchant_mock.catalogue import Catalogue
from merchant_mock.data import HOME, table
from merchant_mock.faults import FAULTS, faults
from merchant_mock.levers import Lever
from merchant_mock.misconduct import CARRIAGES, MISDEEDS
from merchant_mock.misconduct.allowances import SEEN
from merchant_mock.misconduct.slips import SLIPS
from merchant_mock.variations import VARIATIONS
from merchant_mock.wire.edits import EDITS
from tests.merchant_mock.errands import PARTS, walked
from tests.merchant_mock.walk import Transcript, differences

LEVERS = {**FAULTS, **VARIATIONS}

TABLES = [
    f"{file.parent.name}/{file.name}" for kind in ("faults", "variations") for file in sorted((HOME / kind).iterdir())
]

TELLING = {
    "3ds": ("authentication", "outcomes"),
    "affiliate": ("affiliates",),
    "auth": ("strangers",),
    "capabilities": ("agents", "authentication", "shapes", "cart", "refusals", "ways_to_pay"),
    "consent": ("ways_to_pay",),
    "content": ("goods", "cart"),
    "delegate_payment": ("delegation_failures", "delegation", "delegation_keys", "delegation_retention", "allowances"),
    "discovery": ("readers", "agents"),
    "errors": ("refusals", "failures", "goods", "cart", "shapes"),
    "extensions": ("readers", "agents"),
    "fulfillment": ("choices",),
    "headers": ("headers", "retries", "refusals"),
    "idempotency": ("retries", "keyless", "conflicts", "equivalence", "races", "retention", "headers", "failures"),
    "intent_trace": ("reasons", "cart"),
    "order": ("shipped", "handed_over"),
    "payment": ("purchase", "declines", "waiting", "ways_to_pay"),
    "session": ("cart", "shapes", "payments", "refusals", "retention", "purchase", "waiting", "goods"),
    "totals": ("cart", "goods"),
    "versioning": ("refusals",),
    "webhook": ("purchase", "shipped", "events"),
}
"""The parts of the walk in which the faults of an area are looked for first, what tells most of them soonest in front;
the others follow."""


# The rows


@pytest.mark.parametrize("name", TABLES)
def test_a_table_satisfies_its_schema(name: str) -> None:
    schema = Draft202012Validator(table("lever.schema.json"))
    assert [f"{error.json_path}: {error.message}" for error in schema.iter_errors(table(name))] == []


def test_no_name_is_used_twice() -> None:
    names = Counter(name for table in TABLES for name in _names_in(table))
    assert [name for name, times in names.items() if times > 1] == []
    assert {*names} == {*FAULTS, *VARIATIONS}


def test_every_fault_breaks_a_requirement_that_stands_on_its_own() -> None:
    assert {fault.name: wrong for fault in FAULTS.values() if (wrong := list(_astray(fault)))} == {}


def test_every_lever_says_in_one_sentence_what_its_shop_does() -> None:
    sentence = re.compile(r"[A-Z][^.!?\n]*(\.\S[^.!?\n]*)*\.")
    assert [name for name, lever in LEVERS.items() if not sentence.fullmatch(lever.says)] == []


def test_a_fault_is_data_or_code() -> None:
    code = {*MISDEEDS, *CARRIAGES, *SLIPS, *SEEN, *_asked_for()}
    assert [fault.name for fault in FAULTS.values() if not fault.rules and fault.name not in code] == []
    assert code - {*FAULTS, *VARIATIONS} == set()


def test_the_rules_of_every_lever_can_be_followed() -> None:
    for name, rule in [(name, rule) for name, lever in LEVERS.items() for rule in lever.rules]:
        assert {"request", "reply", "event", "refusal", "complaint"} & {*rule}, name
        wanted = rule.get("if", {})
        for path in [path for kind in ("has", "lacks", "asked", "unasked") for path in wanted.get(kind, ())]:
            jsonpath.compile(path)
        for pattern in [p for kind in ("headers", "sent") for p in wanted.get(kind, {}).values() if p is not None]:
            re.compile(pattern)
        for edit in _edits_of(rule):
            jsonpath.compile(edit["at"])
            assert {*edit} - {"at"} <= {*EDITS}, name


def test_a_fault_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean create_answers_20"):
        faults(["create_answers_2001"])


def _astray(fault: Lever) -> Iterator[str]:
    """What is wrong with the requirements that a fault names."""
    broken = catalogue()[str(fault.breaks)]
    if broken.role == "agent":
        yield f"{broken.id} binds agents"
    if broken.same_as is not None:
        yield f"{broken.id} is the same as {broken.same_as}"
    if broken.status not in ("normative", "disputed"):  # disputed: what is wrong under either reading
        yield f"{broken.id} is {broken.status}"
    if not len(fault.disturbs) == len({*fault.disturbs} - {fault.breaks}) <= 2:
        yield f"it disturbs {', '.join(fault.disturbs)}"
    yield from (f"there is no {id}" for id in fault.disturbs if id not in catalogue())


def _names_in(file: str) -> list[str]:
    """The names of a table as they are written, one that is written twice counted twice."""
    pairs: list[tuple[str, Any]] = []

    def keep(members: list[tuple[str, Any]]) -> dict[str, Any]:
        pairs[:] = members  # the outermost object comes last
        return dict(members)

    json.loads((HOME / file).read_text(), object_pairs_hook=keep)
    return [name for name, _ in pairs]


def _asked_for() -> set[str]:
    """The faults that the shop's rules ask for by name: `has("name")`."""
    folder = Path(str(misconduct.__file__)).parent
    calls = [node for file in folder.glob("*.py") for node in ast.walk(ast.parse(file.read_text())) if _is_has(node)]
    return {call.args[0].value for call in calls}


def _is_has(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "has"


def _edits_of(rule: Any) -> Iterator[Any]:
    for kind in ("request", "reply", "event"):
        yield from rule.get(kind, {}).get("body", ())


# The shops


Healthy = Callable[[str], Transcript]


@pytest.fixture(scope="session")
def healthy(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Healthy:
    """A part of the walk through a healthy shop, of which there is one transcript only: see `test_walk`."""

    @cache
    def through(part: str) -> Transcript:
        return walked(tmp_path_factory.mktemp("healthy"), parts=[part], catalogue=catalogue)

    return through


def _tried(fault: Lever) -> Any:
    """A fault to try; those whose code no other test passes are tried with coverage."""
    covered = fault.area == "idempotency" and not fault.rules
    return pytest.param(fault, id=fault.name, marks=() if covered else pytest.mark.apart)


@pytest.mark.parametrize("fault", [_tried(fault) for fault in FAULTS.values()])
def test_a_fault_is_seen_from_outside_and_is_no_crash(
    fault: Lever, healthy: Healthy, catalogue: Catalogue, tmp_path_factory: Any, caplog: pytest.LogCaptureFixture
) -> None:
    telling = TELLING.get(fault.area, ())
    for part in [*telling, *(part for part in PARTS if part not in telling)]:
        if differences(
            healthy(part), walked(tmp_path_factory.mktemp(part), [fault], parts=[part], catalogue=catalogue)
        ):
            break
    else:
        pytest.fail(f"Nobody can see from outside that a shop has {fault.name}.")
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
