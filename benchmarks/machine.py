"""The machine that was measured, in a few lines."""

from __future__ import annotations

import os
import platform
import sqlite3
import tempfile
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter


def described() -> str:
    """Processor, system, versions, and what one synchronous write costs."""
    names = ("starlette", "uvicorn", "httpx", "orjson", "jsonschema-rs")
    libraries = ", ".join(f"{name} {version(name)}" for name in names)
    return "\n".join(
        [
            f"- {os.cpu_count()} × {_processor()}, {_memory_gib():.0f} GiB, {platform.system()} {platform.release()}",
            f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}",
            f"- one fdatasync of 8 KiB: {_sync_seconds() * 1e6:,.0f} µs",
        ]
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def _sync_seconds() -> float:
    with tempfile.TemporaryFile() as file:
        return median(_write(file.fileno()) for _ in range(100))


def _write(fd: int) -> float:
    began = perf_counter()
    os.write(fd, bytes(8192))
    os.fdatasync(fd)
    return perf_counter() - began
