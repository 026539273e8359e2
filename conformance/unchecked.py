"""What no check judges, and why: requirement by requirement, or area by area."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from conformance.catalogue import Requirement
from conformance.tables import table


def unchecked(requirement: Requirement) -> str:
    """Why a requirement has no check; empty where it must have one."""
    listed = _listed()
    reason = listed["requirements"].get(requirement.id) or listed["areas"].get(requirement.area)
    if reason:
        return str(reason)
    if requirement.status == "unobservable" or requirement.testable.startswith("not-testable"):
        return requirement.testable.partition(":")[2].strip() or "It cannot be seen from outside."
    if requirement.status == "provisional":
        return "It is of text that no released version has."
    if requirement.level == "MAY":
        return "It allows something, which nothing can break."
    if requirement.testable == "client-side":
        return "It binds the agent's end of the wire."
    return ""


@cache
def _listed() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = table(Path(__file__).with_suffix(".yaml"))
    return found
