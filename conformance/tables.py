"""The tables of the suite: YAML files of requirements, readings, shapes and the like, read as fast as can be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conformance.errors import BadCatalogue


def table(file: Path) -> Any:
    """What a file holds. Raises BadCatalogue where it is not YAML."""
    import yaml  # what reads no table does not need it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, where it was built
    try:
        return yaml.load(file.read_text(encoding="utf-8"), loader)  # noqa: S506
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadCatalogue(file.name, "", f"not YAML: {' '.join(str(error).split())}") from error
