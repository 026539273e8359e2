"""What each check costs, counted against the mock: `python -m tests.kill_matrix.costs` writes `costs.json` anew."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import conformance.verdict
from conformance.verdict.outcome import Result
from conformance.verdict.runner import Run
from tests.kill_matrix.shops import judged

FILE = Path(str(conformance.verdict.__file__)).parent / "costs.json"


def counted() -> Mapping[str, Mapping[str, int]]:
    """How often each check sends each operation, and runs each hook."""
    found: dict[str, Mapping[str, int]] = {}
    seen = 0

    def tell(run: Run, name: str, results: list[Result]) -> None:
        nonlocal seen
        new, seen = run.records[seen:], len(run.records)
        found[name] = dict(sorted(Counter(_spent(record) for record in new if record["operation"] != "event").items()))

    judged(tell=tell)
    return dict(sorted((name, spent) for name, spent in found.items() if spent))


def _spent(record: Mapping[str, Any]) -> str:
    return f"hook:{record['hook']}" if record["operation"] == "hook" else str(record["operation"])


if __name__ == "__main__":
    FILE.write_text(json.dumps(counted(), indent=1) + "\n")
