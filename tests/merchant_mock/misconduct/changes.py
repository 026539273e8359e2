"""What a fault changes on the walk: outcomes of steps, beside those of the same walk through a healthy shop."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from merchant_mock.faults import faults
from tests.merchant_mock.errands import walked
from tests.merchant_mock.walk import Step, Transcript


def walk_with(*names: str, parts: tuple[str, ...]) -> Transcript:
    """The walk through a shop with these faults."""
    with tempfile.TemporaryDirectory() as folder:
        return walked(Path(folder), faults(names), parts=parts)


@cache
def healthy(parts: tuple[str, ...]) -> Transcript:
    return walk_with(parts=parts)


def step(transcript: Transcript, label: str) -> Step:
    return next(step for step in transcript if step.label == label)


def outcomes_changed(fault: str, part: str) -> dict[str, tuple[Any, Any]]:
    """The steps of a part whose outcome is another one, with the outcome before and after."""
    before, after = (_outcomes(transcript, part) for transcript in (healthy((part,)), walk_with(fault, parts=(part,))))
    return {label: (before[label], after.get(label)) for label in before if before[label] != after.get(label)}


def _outcomes(transcript: Transcript, part: str) -> dict[str, Any]:
    replies = [step for step in transcript if not step.label.startswith("event:")]
    return {step.label.removeprefix(f"{part} "): _outcome(step) for step in replies}


def _outcome(step: Step) -> Any:
    """The status of a session that was paid, what was noted beside replies, and otherwise the status of the reply."""
    if " complete" in step.label and step.status == 200:
        return step.document["status"]
    return step.status or step.document
