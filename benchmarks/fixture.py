"""The fixture of the pytest plugin: how long a shop of a test takes to open and to close, and its first import."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import median
from time import perf_counter

from starlette.applications import Starlette

from benchmarks.table import Row
from merchant_mock.serving import bind, serving
from merchant_mock.testing import opened

ROUNDS = 50
MOST_SECONDS = 0.3
"""How long a shop may take to open once it has been imported."""

IMPORTS = "from time import perf_counter as t; a = t(); import {}; print(t() - a)"


def rows(folder: Path) -> Iterator[Row]:
    """Opening and closing against an empty application served in the same way, and what the plugin costs a run."""
    mine, other = zip(*(_both() for _ in range(ROUNDS)), strict=True)
    opening, closing = (median(times) for times in zip(*mine, strict=True))
    bare_opening, bare_closing = (median(times) for times in zip(*other, strict=True))
    limit, held = f"≤ {MOST_SECONDS * 1000:.0f} ms", max(time for time, _ in mine[1:]) <= MOST_SECONDS
    yield Row("fixture: a shop opens", bare_opening / opening, _told(opening), _told(bare_opening), limit, held)
    yield Row("fixture: it closes", bare_closing / closing, _told(closing), _told(bare_closing))
    yield Row("fixture: its first import", None, _told(_import("merchant_mock.testing")), "")
    yield Row(
        "fixture: the plugin in a run that has no use for it",
        None,
        _told(_import("merchant_mock.pytest_plugin", "import pytest; ")),
        "",
    )


def _both() -> tuple[tuple[float, float], tuple[float, float]]:
    return _once(opened), _once(_empty)


def _once(make: Callable[[], AbstractContextManager[object]]) -> tuple[float, float]:
    """Seconds to enter and to leave a context."""
    began = perf_counter()
    with make():
        entered = leaving = perf_counter()
    return entered - began, perf_counter() - leaving


def _empty() -> AbstractContextManager[object]:
    return serving(Starlette(), bind("127.0.0.1", 0))


def _import(module: str, before: str = "") -> float:
    code = before + IMPORTS.format(module)
    return median(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(5))  # noqa: S603


def _told(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
