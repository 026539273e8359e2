"""Runs of pytest in a process of its own, with the plugin of this checkout, whatever else is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a file of tests; `options` go to pytest, `ini` into its configuration."""

    def pytest_on(text: str, *options: str, ini: str = "") -> subprocess.CompletedProcess[str]:
        (tmp_path / "test_it.py").write_text(text, encoding="utf-8")
        (tmp_path / "pytest.ini").write_text(f"[pytest]\n{ini}", encoding="utf-8")
        plain = ["-q", "-p", "merchant_mock.pytest_plugin", "-p", "no:cacheprovider", "-W", "error", "--strict-markers"]
        return subprocess.run(
            [sys.executable, "-m", "pytest", *plain, *options],
            cwd=tmp_path,
            env={**os.environ, **ALONE},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return pytest_on
