"""Shapes: requirements about single members, as rows of data that are held against every place they speak of.

A row of `checks/shapes/*.yaml`, one file per area, says what is looked at (`of`, a kind of the registry), where in it
(`at`, a pattern of `conformance.document`, or several), and what must hold there: a JSON Schema of its own (`must`),
or a definition of the version under test (`fits`, such as `checkout.Total`, or a part of one, `checkout.Total.type`).
`where` narrows a row to objects in which some members have some values, such as `{type: pickup}`. `says` is the
sentence for what breaks it; without one, it is made from the schema. `in` narrows a row to operations, `always` says
that no run goes well without such a place, and `since` and `until` bound a row where the requirement itself holds for
longer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

import schemas
from conformance.checking.registry import OBSERVATIONS, Look, Observation
from conformance.document import Place, has
from conformance.errors import BadCatalogue
from conformance.tables import table
from conformance.trial.sight import Sight
from schemas.explain import Explainer

FOLDER: Final = Path(__file__).parents[1] / "checks" / "shapes"
_MEMBERS: Final = {"requirement", "of", "at", "where", "must", "fits", "says", "in", "always", "since", "until"}


class Shape:
    """One row. Calling it looks at every place of a sight that the row speaks of."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.row = row
        self._rules: dict[str, _Rule] = {}

    def __call__(self, sight: Sight) -> Iterator[Look]:
        """A look for each place."""
        if not self._concerns(sight):
            return
        rule = self._rule(sight.version)
        for pattern in self._patterns():
            for at, value in self._places(sight, pattern):
                yield from [Look(at)] if rule.is_valid(value) else self._wrong(rule, at, value)

    def _concerns(self, sight: Sight) -> bool:
        operations = self.row.get("in")
        since, until = self.row.get("since", ""), self.row.get("until", "9999")
        return (not operations or sight.exchange.operation in operations) and since <= sight.version <= until

    def _rule(self, version: str) -> _Rule:
        if version not in self._rules:
            self._rules[version] = _rule(_Schema(self.row.get("must"), self.row.get("fits"), version))
        return self._rules[version]

    def _patterns(self) -> list[str]:
        at = self.row.get("at", "$")
        return at if isinstance(at, list) else [at]

    def _places(self, sight: Sight, pattern: str) -> list[Place]:
        where = self.row.get("where")
        return [place for place in sight.select(pattern) if where is None or has(place[1], where)]

    def _wrong(self, rule: _Rule, at: str, value: Any) -> Iterator[Look]:
        for path, message in rule.problems(value):
            yield Look(at + path, self.row.get("says") or message)


class _Schema:
    """What a row asks, as a key: rows that ask the same share one compiled rule."""

    def __init__(self, must: Any, fits: str | None, version: str) -> None:
        self.must, self.fits, self.version = must, fits, version
        self._key = repr((must, fits, version if fits else ""))

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Schema) and self._key == other._key

    def document(self) -> dict[str, Any]:
        """The JSON Schema itself."""
        if self.fits is None:
            return dict(self.must)
        resource, _, name = self.fits.partition(".")
        return schemas.bundle(resource, name, self.version)


class _Rule:
    def __init__(self, schema: dict[str, Any]) -> None:
        self._decides = jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)
        self._explains = Explainer(schema)

    def is_valid(self, value: Any) -> bool:
        try:
            return self._decides.is_valid(value)
        except ValueError:  # no JSON text says this, such as a lone surrogate
            return False

    def problems(self, value: Any) -> list[tuple[str, str]]:
        """Where below the place, and what is wrong there; never empty."""
        found = [(each.path.removeprefix("$"), _said(each.message)) for each in self._explains.problems(value)]
        return found or [("", "The value does not satisfy the rule.")]


def _said(message: str) -> str:
    """A sentence about the value at a place, which the schema took for a document."""
    return f"This{message.removeprefix('The document')}" if message.startswith("The document") else message


@cache
def _rule(schema: _Schema) -> _Rule:
    return _Rule(schema.document())


def load(folder: Path) -> dict[str, Observation]:
    """Every row of a folder as an observation. Raises BadCatalogue for a row that cannot be used."""
    found: dict[str, Observation] = {}
    for file in sorted(folder.glob("*.yaml")):
        for number, row in enumerate(table(file) or [], start=1):
            if set(row) - _MEMBERS or not {"requirement", "of"} <= set(row) or ("must" in row) is ("fits" in row):
                raise BadCatalogue(file.name, f"row {number}", "needs requirement, of, and either must or fits.")
            name = f"{file.stem}.shape_{number}"
            requirement = row["requirement"]
            named = tuple(requirement) if isinstance(requirement, list) else (requirement,)
            found[name] = Observation(name, named, row["of"], Shape(row), always=row.get("always", False))
    return found


OBSERVATIONS.update(load(FOLDER))
