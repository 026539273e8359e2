"""Validation: the decision on a session against jsonschema-rs alone, and what jsonschema would take for it."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import jsonschema
import jsonschema_rs

import schemas
from benchmarks.table import Row, at_least

ROUNDS = 7


def rows(session: dict[str, Any]) -> list[Row]:
    """How long it takes to find a session valid."""
    schema = schemas.bundle("checkout", "CheckoutSession")
    bare = jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)
    slow = jsonschema.Draft202012Validator(schema)
    mine = _seconds(lambda: schemas.validator("checkout", "CheckoutSession").is_valid(session), 2000)
    other = _seconds(lambda: bare.is_valid(session), 2000)
    explained = _seconds(lambda: slow.is_valid(session), 5)
    return [
        at_least("validate: a session, decided", other / mine, f"{mine * 1e6:.1f} µs", f"{other * 1e6:.1f} µs", 0.9),
        Row("validate: the same by jsonschema", explained / mine, f"{mine * 1e6:.1f} µs", f"{explained * 1e6:,.0f} µs"),
    ]


def _seconds(check: Callable[[], bool], times: int) -> float:
    if not check():
        raise RuntimeError("the session is not valid, so its validation cannot be measured")
    return min(_once(check, times) for _ in range(ROUNDS))


def _once(check: Callable[[], bool], times: int) -> float:
    began = perf_counter()
    for _ in range(times):
        check()
    return (perf_counter() - began) / times
