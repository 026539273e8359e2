"""Turns a refusal into problems: walks the document with jsonschema, which borrows patterns and formats from -rs.

Regular expressions are ECMA-262 and formats are checked, both by asking jsonschema-rs, so that the two engines
cannot disagree on a newline before the end or on digits beyond ASCII.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any, Final

import jsonschema_rs
from jsonschema import Draft202012Validator, FormatChecker, validators
from jsonschema.exceptions import FormatError, ValidationError

from schemas import sentences
from schemas.branches import chosen
from schemas.problem import Problem, json_path

_RANK: Final = {"missing": 0, "invalid": 1, "unknown": 2}
# A hostile document can hold any number of mistakes: what is told about one document has an end
_MOST_ERRORS: Final = 100
_MOST_UNKNOWN: Final = 20
_LONGEST_NAME: Final = 64
# jsonschema puts repr(value) into its messages: nesting too deep, integers too long, text that is no Unicode
_CRASHES: Final = (RecursionError, ValueError)

Steps = tuple[str | int, ...]


@cache
def _probe(keyword: str, value: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({keyword: value}, validate_formats=True)


def _pattern(validator: Any, pattern: str, instance: object, schema: object) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _probe("pattern", pattern).is_valid(instance):
        yield ValidationError("pattern")


class _Formats(FormatChecker):
    def check(self, instance: object, format: str) -> None:
        if isinstance(instance, str) and not _probe("format", format).is_valid(instance):
            raise FormatError(format)


_extend: Final[Any] = validators.extend
_Engine: Final[Any] = _extend(Draft202012Validator, {"pattern": _pattern})


class Explainer:
    """Finds the problems of documents against one self-contained schema."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._engine = _Engine(schema, format_checker=_Formats())

    def problems(self, instance: object) -> list[Problem]:
        """Every problem found, without repetitions; empty also where the document is too odd to be walked."""
        try:
            errors = sorted(islice(self._engine.iter_errors(instance), _MOST_ERRORS), key=_depth)
        except _CRASHES:
            return []
        return sorted(dict.fromkeys(_nested(errors, ())), key=_rank)


def _depth(error: ValidationError) -> int:
    return len(error.path)


def _rank(problem: Problem) -> int:
    return _RANK[problem.code]


def _problems(error: ValidationError, above: Steps) -> Iterator[Problem]:
    at = (*above, *error.path)
    if error.validator == "required":
        yield from _missing(error, at)
    elif error.validator == "additionalProperties":
        yield from _unknown(error, at)
    elif error.context:
        yield from _of_branch(error, at)
    else:
        yield _invalid(at, str(error.validator), error.validator_value)


def _missing(error: ValidationError, at: Steps) -> Iterator[Problem]:
    required: Any = error.validator_value
    present: Any = error.instance
    for name in required:
        if name not in present:
            yield Problem(json_path((*at, name)), "missing", sentences.missing(name), "required")


def _unknown(error: ValidationError, at: Steps) -> Iterator[Problem]:
    known = list(error.schema.get("properties", ())) if isinstance(error.schema, dict) else []
    present: Any = error.instance
    for name in islice((name for name in present if name not in known), _MOST_UNKNOWN):
        path = json_path((*at, name)) if _presentable(name) else json_path(at)
        yield Problem(path, "unknown", sentences.unknown(name, known), str(error.validator))


def _presentable(name: object) -> bool:
    """Whether a member's name may stand in a path: a lone surrogate has no UTF-8, a long name drowns the rest."""
    if not isinstance(name, str) or len(name) > _LONGEST_NAME:
        return False
    return not any("\ud800" <= char <= "\udfff" for char in name)


def _of_branch(error: ValidationError, at: Steps) -> Iterator[Problem]:
    choice = chosen(error)
    if choice.keyword:
        yield _invalid((*at, *choice.at), choice.keyword, choice.value)
    if choice.missing:
        yield Problem(json_path((*at, choice.missing)), "missing", sentences.missing(choice.missing), "required")
    yield from _nested(choice.errors, at)


def _nested(errors: Iterable[ValidationError], at: Steps) -> Iterator[Problem]:
    for error in errors:
        yield from _problems(error, at)


def _invalid(at: Steps, keyword: str, value: Any) -> Problem:
    while at and isinstance(at[-1], str) and not _presentable(at[-1]):
        at = at[:-1]
    return Problem(json_path(at), "invalid", sentences.expected(_subject(at), keyword, value), keyword)


def _subject(at: Steps) -> str:
    names = [step for step in at if isinstance(step, str)]
    if not names:
        return "The document"
    return f"'{names[-1]}'" if at[-1] == names[-1] else f"An item of '{names[-1]}'"
