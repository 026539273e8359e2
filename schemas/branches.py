"""Picks the branch of a failed `oneOf` or `anyOf` that the document most likely meant."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from jsonschema.exceptions import ValidationError

_TAG: Final = "type"


@dataclass(frozen=True, slots=True)
class Choice:
    """What to tell about a failed choice: errors of one branch, or a rule drawn from all branches together."""

    errors: list[ValidationError] = field(default_factory=list)
    at: tuple[str, ...] = ()
    keyword: str = ""
    value: Any = None
    missing: str = ""


def chosen(error: ValidationError) -> Choice:
    """The errors of the branch that fits best, or the common rule where no branch fits better than another."""
    branches = _branches(error)
    wrong_types = [_root_types(branch) for branch in branches]
    if all(wrong_types):
        return Choice(keyword="type", value=[name for names in wrong_types for name in names])
    fitting = [branch for branch, wrong in zip(branches, wrong_types, strict=True) if not wrong]
    return _by_tag(error, fitting) or Choice(errors=min(fitting, key=_distance))


def _branches(error: ValidationError) -> list[list[ValidationError]]:
    grouped: dict[Any, list[ValidationError]] = defaultdict(list)
    for nested in error.context or ():
        grouped[nested.relative_schema_path[0]].append(nested)
    return [grouped[index] for index in sorted(grouped)]


def _root_types(branch: list[ValidationError]) -> list[str]:
    wanted: Any = next((each.validator_value for each in branch if each.validator == "type" and not each.path), [])
    return [wanted] if isinstance(wanted, str) else list(wanted)


def _by_tag(error: ValidationError, branches: list[list[ValidationError]]) -> Choice | None:
    tags = [_wrong_tag(branch) for branch in branches]
    if all(tag is not None for tag in tags):
        return Choice(at=(_TAG,), keyword="enum", value=tags)
    if isinstance(error.instance, dict) and _TAG not in error.instance and all(map(_lacks_tag, branches)):
        return Choice(missing=_TAG)
    return None


def _wrong_tag(branch: list[ValidationError]) -> Any:
    at_tag = (each for each in branch if each.validator == "const" and list(each.path) == [_TAG])
    return next((each.validator_value for each in at_tag), None)


def _lacks_tag(branch: list[ValidationError]) -> bool:
    return any(_requires(each, _TAG) for each in branch)


def _requires(error: ValidationError, name: str) -> bool:
    required: Any = error.validator_value
    return error.validator == "required" and not error.path and name in required


def _distance(branch: list[ValidationError]) -> tuple[int, int]:
    """How far a document is from a branch; a missing member weighs nothing, so that the first branch wins (A50)."""
    foreign = sum(each.validator in {"type", "const"} for each in branch)
    wrong = sum(each.validator != "required" for each in branch)
    return foreign, wrong
