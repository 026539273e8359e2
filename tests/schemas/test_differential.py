"""Thousands of damaged documents, judged by our schemas and by the published ones: the verdicts have to agree."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import jsonschema.validators
import pytest
import referencing
from jsonschema.exceptions import FormatError, ValidationError
from referencing.jsonschema import DRAFT202012

import schemas
from tests import published
from tests.schemas.documents import OWN
from tests.schemas.earlier import EARLIER
from tests.schemas.mutations import mutated
from tests.schemas.payloads import payloads

pytestmark = pytest.mark.published

BUNDLES = {"checkout": "schema.agentic_checkout.json"}
SEED = 20260417
MUTANTS = 400
"""Of each document; the slow validator, which is jsonschema, sees a twentieth of that."""
MANY = {"2025-09-29": 8_000, "2025-12-12": 10_000, "2026-01-16": 12_000, "2026-01-30": 12_000, "2026-04-17": 30_000}
"""Documents there are at least, damaged as they are, of each version."""


def _documents(version: str) -> list[tuple[str, str, Any]]:
    theirs = [
        (each.resource, each.definition, each.document) for each in payloads(version) if each.resource != "webhook"
    ]
    valid = [each for each in theirs if schemas.validator(each[0], each[1], version=version).is_valid(each[2])]
    return [*(EARLIER | {schemas.LATEST: OWN})[version], *valid]


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Any:
    """ECMA-262 as far as the patterns go that are used: `$` ends the text, `\\d` is ASCII."""
    if isinstance(instance, str) and not re.search(
        pattern.replace("$|", r"\Z|").removesuffix("$") + r"\Z", instance, re.A
    ):
        yield ValidationError("pattern")


FORMATS = {"date-time": r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", "email": r"[^@\s]+@[^@\s]+"}
FORMATS["uri"] = r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]*"


class _Formats(jsonschema.FormatChecker):
    """Formats judged apart from jsonschema-rs, as far as the damage done here needs it."""

    def check(self, instance: Any, format: str) -> None:
        if isinstance(instance, str) and not re.fullmatch(FORMATS[format], instance, re.A):
            raise FormatError(format)
        if isinstance(instance, str) and format == "date-time":
            self._check_calendar(instance)

    def _check_calendar(self, instance: str) -> None:
        try:
            datetime.fromisoformat(instance.upper())
        except ValueError as error:
            raise FormatError("date-time") from error


@cache
def _slow(reference: str, version: str) -> Any:
    bundles = published.bundles(version).items()
    resources = [(f"file:///{name}", DRAFT202012.create_resource(each)) for name, each in bundles]
    registry: Any = referencing.Registry().with_resources(resources)
    engine: Any = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _pattern})
    return engine({"$ref": f"file:///{reference}"}, registry=registry, format_checker=_Formats())


def _reference(resource: str, definition: str) -> str:
    return f"{BUNDLES.get(resource, f'schema.{resource}.json')}#/$defs/{definition}"


def test_the_published_bundles_are_loaded_from_their_files() -> None:
    assert {Path(name).suffix for version in schemas.VERSIONS for name in published.bundles(version)} == {".json"}
    assert [len(published.bundles(version)) for version in schemas.VERSIONS] == [2, 2, 2, 4, 7]


@pytest.mark.parametrize(("version", "many"), MANY.items())
def test_damaged_documents_get_the_verdict_that_the_published_schemas_give(version: str, many: int) -> None:
    random, verdicts = Random(SEED), []
    for resource, definition, document in _documents(version):
        ours = schemas.validator(resource, definition, version=version)
        theirs = published.validator(_reference(resource, definition), version)
        assert ours.is_valid(document)
        assert theirs.is_valid(document)
        for _ in range(MUTANTS):
            mutant = mutated(document, random)
            verdict = theirs.is_valid(mutant)
            assert ours.is_valid(mutant) == verdict, (definition, mutant)
            verdicts.append(verdict)
    assert len(verdicts) > many
    assert 0.05 < sum(verdicts) / len(verdicts) < 0.6


@pytest.mark.parametrize("version", schemas.VERSIONS)
def test_jsonschema_reading_the_published_schemas_gives_our_verdict_too(version: str) -> None:
    random = Random(SEED + 1)
    for resource, definition, document in _documents(version):
        ours = schemas.validator(resource, definition, version=version)
        theirs = _slow(_reference(resource, definition), version)
        assert theirs.is_valid(document)
        for _ in range(MUTANTS // 20):
            mutant = mutated(document, random)
            assert ours.is_valid(mutant) == theirs.is_valid(mutant), (definition, mutant)
