"""A document made into an answer: checked against its published definition before anything stores it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import orjson

import schemas
from acp.errors import ServerFault
from acp.server.store import Answer

log = logging.getLogger("acp.server")


def answer(document: Mapping[str, Any], definition: tuple[str, str], status: int = 200) -> Answer:
    """The answer that carries `document`. Raises ServerFault when the protocol does not allow what the backend made."""
    validator = schemas.validator(*definition)
    if not validator.is_valid(document):
        for problem in validator.problems(document):
            log.error("The backend's %s is not valid at %s: %s", definition[1], problem.path, problem.message)
        raise ServerFault("The server produced an answer that the protocol does not allow and withheld it.")
    return Answer(status, orjson.dumps(document))
