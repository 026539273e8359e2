"""Says in a sentence what a schema keyword expects; only the schema's own values appear, never the document's."""

from collections.abc import Callable, Sequence
from typing import Any, Final

_TYPES: Final = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_FORMATS: Final = {
    "date-time": "an RFC 3339 date and time with offset, such as 2026-04-17T09:30:00Z",
    "email": "an e-mail address",
    "uri": "an absolute URI, such as https://example.com/a",
}
_SHOWN: Final = 14
_LONGEST_NAME: Final = 64


def missing(name: str) -> str:
    """For a member that has to be there."""
    return f"'{name}' is required."


def unknown(name: object, known: Sequence[str]) -> str:
    """For a member that must not be there, with the name that may have been meant."""
    import difflib

    if not isinstance(name, str) or not name.isprintable() or len(name) > _LONGEST_NAME:
        return "A member is not known here."
    near = difflib.get_close_matches(name, known, 1)
    return f"'{name}' is not a member here; did you mean '{near[0]}'?" if near else f"'{name}' is not a member here."


def expected(subject: str, keyword: str, value: Any) -> str:
    """For a value that one keyword of the schema does not accept."""
    rule = _RULES.get(keyword)
    return f"{subject} {rule(value) if rule else 'does not have an allowed form'}."


def _either(words: Sequence[str]) -> str:
    shown = [*words[:_SHOWN], "…"] if len(words) > _SHOWN else words
    return ", ".join(shown[:-1]) + " or " + shown[-1] if len(shown) > 1 else shown[0]


def _types(value: Any) -> str:
    return _either(list(dict.fromkeys(_TYPES[name] for name in ([value] if isinstance(value, str) else value))))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


_RULES: Final[dict[str, Callable[[Any], str]]] = {
    "type": lambda value: f"must be {_types(value)}",
    "enum": lambda value: f"must be {_either([str(each) for each in value])}",
    "const": lambda value: f"must be {value}" if isinstance(value, str) else "must have one fixed value",
    "minimum": lambda value: f"must be {value} or more",
    "exclusiveMinimum": lambda value: f"must be more than {value}",
    "maximum": lambda value: f"must be {value} or less",
    "minLength": lambda value: f"must have at least {_count(value, 'character')}",
    "maxLength": lambda value: f"must have at most {_count(value, 'character')}",
    "minItems": lambda value: f"must hold at least {_count(value, 'item')}",
    "minProperties": lambda value: f"must have at least {_count(value, 'member')}",
    "uniqueItems": lambda _: "must not hold the same item twice",
    "pattern": lambda value: f"must match the pattern {value}",
    "format": lambda value: f"must be {_FORMATS.get(value, value)}",
    "oneOf": lambda _: "must fit exactly one of the allowed forms",
}
