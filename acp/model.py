"""The base of all typed values: a read-only view over a JSON object that never refuses what it is given.

A view is made in constant time, whatever the object holds. Nothing is parsed: unknown members and unknown values are
kept, a value of the wrong type is returned as it is, timestamps stay the strings they were. What does not fit the
schema is listed by `problems()`, on request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast, dataclass_transform, overload

from acp import redaction

if TYPE_CHECKING:
    import schemas

_SHOWN: Final = 6
_ABSENT: Final[Any] = object()


class Member:
    """A named member of a JSON object, read through the view it belongs to; absent and null both read as None."""

    __slots__ = ("model", "name", "required")

    def __init__(self, model: type[Model] | None, required: bool) -> None:
        self.model = model
        self.name = ""
        self.required = required

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, view: Model | None, owner: type) -> Any:
        if view is None:
            return self
        value = view.raw.get(self.name)
        return value if self.model is None else _wrapped(value, self.model)


def member(model: type[Model] | None = None, *, default: Any = _ABSENT) -> Any:
    """Declares a member: of which model its objects are, and with `default=None` that it may be left out."""
    return Member(model, required=default is _ABSENT)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(member,))
class Model:
    """A typed view over one JSON object; reads as attributes, or by any member's name with `[...]` and `get`."""

    resource: ClassVar[str] = ""
    """The schema file that describes the object, such as `checkout`."""
    definition: ClassVar[str] = ""
    """The definition in that file."""

    _members: ClassVar[dict[str, Member]] = {}
    _kinds: ClassVar[dict[str, type[Model]]] = {}
    _raw: Mapping[str, Any]

    def __init_subclass__(cls, *, resource: str = "", definition: str = "", kind: str = "") -> None:
        """`kind` is the value of `type` by which `of` of the parent chooses this class."""
        cls.resource, cls.definition = resource, definition
        own = {name: each for name, each in vars(cls).items() if isinstance(each, Member)}
        cls._members, cls._kinds = cls._members | own, {}
        if kind:
            cast("type[Model]", cls.__base__)._kinds[kind] = cls

    def __init__(self, **members: Any) -> None:
        """What is passed as None becomes a null, what is not passed is absent. Raises TypeError as a call does."""
        self._check(members)
        object.__setattr__(self, "_raw", {name: _plain(value) for name, value in members.items()})

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """The view over an object that exists already: neither copied nor checked, whatever stands in it."""
        chosen = cls._kinds.get(kind, cls) if cls._kinds and isinstance(kind := data.get("type"), str) else cls
        view = object.__new__(chosen)
        object.__setattr__(view, "_raw", data)
        return cast("Self", view)

    @property
    def raw(self) -> Mapping[str, Any]:
        """The JSON object itself, not a copy."""
        return self._raw

    def to_dict(self) -> dict[str, Any]:
        """A copy of the JSON object, through and through."""
        return cast("dict[str, Any]", _plain(self._raw))

    def problems(self) -> list[schemas.Problem]:
        """Where the object departs from its definition; empty when it does not. Never raises."""
        import schemas

        if not self.definition:
            return []
        return schemas.validator(self.resource, self.definition).problems(self._raw)

    @overload
    def get(self, name: str) -> Any: ...
    @overload
    def get(self, name: str, default: Any) -> Any: ...
    def get(self, name: str, default: Any = None) -> Any:
        """Any member as plain JSON, unknown ones too, or the default where it is absent."""
        return self._raw.get(name, default)

    def __getitem__(self, name: str) -> Any:
        return self._raw[name]

    def __contains__(self, name: object) -> bool:
        return name in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __eq__(self, other: object) -> bool:
        return self._raw == other._raw if isinstance(other, Model) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).of, (self._raw,)

    def __repr__(self) -> str:
        shown = [f"{name}={_shown(name, value)}" for name, value in list(self._raw.items())[:_SHOWN]]
        rest = ["…"] if len(self._raw) > _SHOWN else []
        return f"{type(self).__name__}({', '.join(shown + rest)})"

    def __setattr__(self, name: str, value: object) -> None:
        kind = type(self).__name__
        raise AttributeError(
            f"A {kind} is read-only; for one with another '{name}' use {kind}.of(old.to_dict() | {{'{name}': ...}})."
        )

    def __delattr__(self, name: str) -> None:
        kind = type(self).__name__
        raise AttributeError(f"A {kind} is read-only; take its to_dict(), drop '{name}' and make a new one.")

    if not TYPE_CHECKING:  # a checker would take it as leave to read any name

        def __getattr__(self, name: str) -> Any:
            hint = f"; the object has it, as [{name!r}]" if not name.startswith("_") and name in self._raw else ""
            raise AttributeError(f"A {type(self).__name__} has no member '{name}'{hint}.")

    def _check(self, members: Mapping[str, Any]) -> None:
        kind, known = type(self).__name__, self._members
        if unknown := [name for name in members if name not in known]:
            raise TypeError(f"{kind} has no member {', '.join(map(repr, unknown))}; it has: {', '.join(known)}.")
        if missing := [name for name, each in known.items() if each.required and name not in members]:
            raise TypeError(f"{kind} needs {', '.join(map(repr, missing))}.")


def _wrapped(value: Any, model: type[Model]) -> Any:
    if isinstance(value, dict):
        return model.of(value)
    if isinstance(value, list):
        return [model.of(each) if isinstance(each, dict) else each for each in value]
    return value


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float)):  # most values are; asking about Mapping is slow
        return value
    if isinstance(value, Model):
        value = value.raw
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


def _shown(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return "{…}" if value else "{}"
    if isinstance(value, list):
        return f"[{len(value)}]"
    return repr(redaction.redact({name: value})[name])
