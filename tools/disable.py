#!/usr/bin/env python3
"""Switch off one behaviour of the server at a time and see that a test over a socket notices.

usage: disable.py [NAME ...]

The rows are in tools/disabled/, one file per area: each names a behaviour, the lines that make it, what stands there
when it is off, and where its tests are. The change is made in a copy. Prints the behaviour beside the first test that
fails without it; exit 1 if for any behaviour no test fails, or if the lines are no longer there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROWS = Path(__file__).parent / "disabled"
COPIED = ("acp", "schemas", "merchant_mock", "tests", "docs", "pyproject.toml")


@dataclass(frozen=True)
class Behaviour:
    """A behaviour, the `old` lines that make it in `file`, the `new` ones without it, and its tests."""

    name: str
    file: str
    old: str
    new: str
    tests: str

    def off(self, text: str) -> str | None:
        """The file's text without the behaviour; None when the lines that make it are not there."""
        return text.replace(self.old, self.new) if self.old in text else None


def behaviours() -> list[Behaviour]:
    """Every row of every area, under a name that begins with the area."""
    return [
        Behaviour(f"{area.stem}: {name}", group["file"], row["old"], row["new"], group["tests"])
        for area in sorted(ROWS.glob("*.json"))
        for group in json.loads(area.read_text())
        for name, row in group["rows"].items()
    ]


def tried(behaviour: Behaviour) -> tuple[Behaviour, str | None]:
    """The behaviour and the first test that fails without it; None when no test does."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            ignored = shutil.ignore_patterns("__pycache__")
            _ = shutil.copytree(source, copy / name, ignore=ignored) if source.is_dir() else shutil.copy(source, copy)
        changed = copy / behaviour.file
        text = behaviour.off(changed.read_text())
        if text is None:
            return behaviour, None
        changed.write_text(text)
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", behaviour.tests],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
        )
        failed = re.search(r"^(?:FAILED|ERROR) (\S+)", run.stdout, re.MULTILINE)
        return behaviour, failed[1] if failed and run.returncode == 1 else None


def main(names: list[str]) -> int:
    """Try every behaviour, or those whose name contains one of `names`."""
    chosen = [b for b in behaviours() if not names or any(name in b.name for name in names)]
    unnoticed = 0
    with ThreadPoolExecutor(2) as pool:
        for behaviour, test in pool.map(tried, chosen):
            unnoticed += test is None
            print(f"{'ok  ' if test else 'MISS'} {behaviour.name:72} {test or ''}", flush=True)
    print(f"{len(chosen) - unnoticed} of {len(chosen)} behaviours are missed by a test when they are switched off")
    return 1 if unnoticed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
