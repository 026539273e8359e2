"""Every `--json` output of `acp-conformance` keeps to a JSON Schema that is shipped beside the command."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import conformance
from conformance.catalogue import LEVELS, ROLES, STATUSES
from conformance.cli.app import app
from tests.conformance.test_cli import asked

FORMATS = {
    file.stem: json.loads(file.read_bytes()) for file in (Path(conformance.__file__).parent / "formats").iterdir()
}
REGISTRY = Registry().with_resources((f"{name}.json", Resource.from_contents(each)) for name, each in FORMATS.items())
PRINTS_JSON = [
    command.callback.__name__
    for command in app.registered_commands
    if command.callback and "as_json" in inspect.signature(command.callback).parameters
]
OUTPUTS = [
    ["requirements"],
    ["requirements", "--search", "no-such-word"],
    ["readings"],
    ["explain", "checkout.capabilities.legacy.method-object"],
    ["explain", "checkout.3ds.metadata.required-members"],
    ["explain", "OR-1"],
    ["explain", "A56"],
]


AT_A_SHOP = {"certify", "diff", "doctor", "listen", "plan", "replay", "run"}
"""Commands that need a shop, an event or runs to print anything; see `cli/test_printed.py` and `reports`."""


def problems(name: str, document: Any) -> list[str]:
    validator = Draft202012Validator({"$ref": f"{name}.json"}, registry=REGISTRY)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def printed(*arguments: str) -> Any:
    return json.loads(asked(*arguments, "--json"))


def without_one_member(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in document:
        yield {other: value for other, value in document.items() if other != name}


def test_every_command_that_prints_json_has_a_schema_and_every_schema_a_command():
    assert sorted(FORMATS) == sorted(PRINTS_JSON)
    assert {arguments[0] for arguments in OUTPUTS} | AT_A_SHOP == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_schema_is_one(name):
    Draft202012Validator.check_schema(FORMATS[name])


@pytest.mark.parametrize("arguments", OUTPUTS, ids=" ".join)
def test_what_is_printed_keeps_to_its_schema(arguments):
    assert problems(arguments[0], printed(*arguments)) == []


@pytest.mark.parametrize("name", ["requirements", "readings"])
def test_a_record_with_a_member_more_or_less_does_not_keep_to_it(name):
    record = printed(name)[0]
    assert problems(name, [record]) == []
    assert problems(name, [{**record, "colour": "red"}])
    for short in without_one_member(record):
        assert problems(name, [short])


@pytest.mark.parametrize("id", ["checkout.3ds.status-set", "A07"])
def test_an_explanation_with_a_member_more_or_less_does_not_keep_to_it(id):
    told = printed("explain", id)
    assert problems("explain", told) == []
    assert problems("explain", {**told, "colour": "red"})
    for short in without_one_member(told):
        assert problems("explain", short)


def test_the_words_of_the_schema_are_those_of_the_catalogue():
    members = FORMATS["requirements"]["$defs"]["Requirement"]["properties"]
    assert members["level"]["enum"] == list(LEVELS)
    assert members["role"]["enum"] == list(ROLES)
    assert members["status"]["enum"] == list(STATUSES)


def test_ids_and_versions_of_another_form_do_not_keep_to_it():
    requirement = printed("explain", "checkout.3ds.status-set")["requirement"]
    for member, bad in {"id": "Tea Pot", "since": "soon", "until": "late", "reading": "that", "testable": "eh"}.items():
        assert problems("requirements", [{**requirement, member: bad}]), member
    reading = printed("explain", "A07")["reading"]
    for member, bad in {"id": "tea", "sources": [], "title": "", "accepts": 7}.items():
        assert problems("readings", [{**reading, member: bad}]), member
