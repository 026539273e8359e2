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
from tests.schemas.mutations import mutated
from tests.schemas.payloads import payloads

pytestmark = pytest.mark.published

BUNDLES = {"checkout": "schema.agentic_checkout.json"}
SEED = 20260417
MUTANTS = 400
"""Of each document; the slow validator, which is jsonschema, sees a twentieth of that."""


def _documents() -> list[tuple[str, str, Any]]:
    theirs = [(each.resource, each.definition, each.document) for each in payloads() if each.resource != "webhook"]
    valid = [each for each in theirs if schemas.validator(each[0], each[1]).is_valid(each[2])]
    return [*OWN, *valid]


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
def _slow(reference: str) -> Any:
    resources = [(f"file:///{name}", DRAFT202012.create_resource(each)) for name, each in published.bundles().items()]
    registry: Any = referencing.Registry().with_resources(resources)
    engine: Any = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _pattern})
    return engine({"$ref": f"file:///{reference}"}, registry=registry, format_checker=_Formats())


def _reference(resource: str, definition: str) -> str:
    return f"{BUNDLES.get(resource, f'schema.{resource}.json')}#/$defs/{definition}"


def test_the_published_bundles_are_loaded_from_their_files() -> None:
    assert {Path(name).suffix for name in published.bundles()} == {".json"}
    assert len(published.bundles()) == 7


def test_damaged_documents_get_the_verdict_that_the_published_schemas_give() -> None:
    random, verdicts = Random(SEED), []
    for resource, definition, document in _documents():
        ours = schemas.validator(resource, definition)
        theirs = published.validator(_reference(resource, definition))
        assert ours.is_valid(document)
        assert theirs.is_valid(document)
        for _ in range(MUTANTS):
            mutant = mutated(document, random)
            verdict = theirs.is_valid(mutant)
            assert ours.is_valid(mutant) == verdict, (definition, mutant)
            verdicts.append(verdict)
    assert len(verdicts) > 30_000
    assert 0.05 < sum(verdicts) / len(verdicts) < 0.6


def test_jsonschema_reading_the_published_schemas_gives_our_verdict_too() -> None:
    random = Random(SEED + 1)
    for resource, definition, document in _documents():
        ours, theirs = schemas.validator(resource, definition), _slow(_reference(resource, definition))
        assert theirs.is_valid(document)
        for _ in range(MUTANTS // 20):
            mutant = mutated(document, random)
            assert ours.is_valid(mutant) == theirs.is_valid(mutant), (definition, mutant)
