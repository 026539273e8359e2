"""Decides with jsonschema-rs, which is fast, and explains with jsonschema, which is talkative."""

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from schemas.overlay import overlaid
from schemas.problem import GENERAL, Problem
from schemas.registry import LATEST, bundled, documents

if TYPE_CHECKING:
    import jsonschema_rs

    from schemas.explain import Explainer


class Validator:
    """Checks documents against one definition; both engines are loaded when they are first asked."""

    def __init__(self, resource: str, definition: str, schema: dict[str, Any]) -> None:
        self.resource = resource
        self.definition = definition
        self._schema = schema

    def is_valid(self, instance: object) -> bool:
        """Whether the document satisfies the schema, formats included; a few microseconds."""
        try:
            return self._engine.is_valid(instance)
        except ValueError:  # no JSON text says this: a lone surrogate, a key that is no string, endless nesting
            return False

    def problems(self, instance: object) -> list[Problem]:
        """What is wrong with the document, the most useful finding first; empty when nothing is."""
        if self.is_valid(instance):
            return []
        return self._explainer.problems(instance) or [GENERAL]

    @cached_property
    def _engine(self) -> "jsonschema_rs.Draft202012Validator":
        import jsonschema_rs

        return jsonschema_rs.Draft202012Validator(self._schema, validate_formats=True, offline=True)

    @cached_property
    def _explainer(self) -> "Explainer":
        from schemas.explain import Explainer

        return Explainer(self._schema)

    def __repr__(self) -> str:
        return f"<Validator of {self.resource}.json {self.definition}>"


def validator(resource: str, definition: str, *, version: str = LATEST, overlay: bool = False) -> Validator:
    """The validator of a definition, made once; `overlay` adds the readings a lenient server needs for requests."""
    return _validator(resource, definition, version, overlay)


@cache
def _validator(resource: str, definition: str, version: str, overlay: bool) -> Validator:
    among = overlaid(version) if overlay else documents(version)
    return Validator(resource, definition, bundled(among, resource, definition))
