"""Files that the command reads: one JSON or TOML object, with a plain word about what is wrong with it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from acp.errors import UsageError
from acp.model import Model


def read(path: Path, what: str) -> dict[str, Any]:
    """The object in a file: TOML where the name ends in .toml, else JSON. Raises UsageError that names the file."""
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except OSError as error:
        raise UsageError(f"{what} {path}: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{what} {path}: not valid {_format(path)}{_place(error)}.") from None
    if not isinstance(found, dict):
        raise UsageError(f"{what} {path}: not a JSON object.")
    return found


def check(value: Model, what: str) -> None:
    """Raises UsageError that names every member of a file that is missing or wrong, without repeating a value."""
    found = [f"{problem.path.removeprefix('$.')}: {problem.message}" for problem in value.problems()]
    if found:
        raise UsageError(f"{what}: {' '.join(found)}")


def _format(path: Path) -> str:
    return "TOML" if path.suffix.lower() == ".toml" else "JSON"


def _place(error: BaseException) -> str:
    """Where in the file; never what stands there, which may be a card number."""
    return f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
