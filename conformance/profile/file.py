"""Reading a profile: TOML, `${NAME}` for what the environment holds, and every mistake told with its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from conformance.errors import BadProfile
from conformance.profile.profile import Profile
from schemas.explain import Explainer

_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def read(path: Path, environment: Mapping[str, str]) -> Profile:
    """The profile in a file. Raises BadProfile, with the member and what to write."""
    return made_of(load(path), environment, str(path))


def load(path: Path) -> dict[str, Any]:
    """The document in a file, its variables not yet filled in. Raises BadProfile."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadProfile(str(path), "", f"cannot be read: {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadProfile(str(path), "", f"is no TOML: {error}.") from error


def made_of(document: Mapping[str, Any], environment: Mapping[str, str], name: str) -> Profile:
    """The profile of a document; `name` is what errors call it. Raises BadProfile."""
    variables: dict[str, str] = {}
    filled = _filled(document, environment, variables, name, "")
    problem = max(_explainer().problems(filled), key=lambda each: each.path.count("."), default=None)
    if problem is not None:  # the deepest one, for what holds it is refused on its account
        raise BadProfile(name, problem.path.removeprefix("$").removeprefix("."), problem.message)
    return Profile(filled, variables)


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a profile, whose descriptions are its reference."""
    import json

    found: dict[str, Any] = json.loads(files("conformance.profile").joinpath("profile.schema.json").read_bytes())
    return found


@cache
def _explainer() -> Explainer:
    return Explainer(schema())


def _filled(value: Any, environment: Mapping[str, str], variables: dict[str, str], name: str, at: str) -> Any:
    """The value with every `${NAME}` replaced; what was replaced is kept in `variables`, for it is secret."""
    if isinstance(value, Mapping):
        return {
            member: _filled(held, environment, variables, name, f"{at}.{member}" if at else member)
            for member, held in value.items()
        }
    if isinstance(value, list):
        return [_filled(held, environment, variables, name, f"{at}[{number}]") for number, held in enumerate(value)]
    if not isinstance(value, str):
        return value

    def of(found: re.Match[str]) -> str:
        variable = found.group(1)
        if variable not in environment:
            raise BadProfile(name, at, f"the environment has no {variable}; set it, or write the value.")
        variables[variable] = environment[variable]
        return environment[variable]

    return _VARIABLE.sub(of, value)
