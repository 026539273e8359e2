"""What a caller sees of a scenario, call by call, in words; codes stand between backticks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from merchant_mock.scenarios.scenario import Scenario

_BREAKS = {
    "reset": "the connection is reset",
    "truncated": "the answer breaks off",
    "hanging": "no answer",
}


def seen(scenario: Scenario) -> list[str]:
    """A line for each call, and one for how it ends."""
    expects = scenario.expects
    shape = f", with `{expects['order_has']}` in it" if "order_has" in expects else ""
    ends = (
        f"one order, `{expects['order']}`, and its event{shape}"
        if expects["order"]
        else "no charge, no order, no event"
    )
    return [*map(_step, expects["steps"]), ends]


def _step(step: Mapping[str, Any]) -> str:
    sent = {"quantity": "quantity {}", "email": "e-mail {}", "outcome": "outcome `{}`", "after": "after {} s"}
    told = [says.format(step[member] or "none") for member, says in sent.items() if member in step]
    call = " ".join(
        [step["call"], *(["again"] if step.get("again") else []), *([f"({', '.join(told)})"] if told else [])]
    )
    if "breaks" in step:
        return f"{call}: {_BREAKS[step['breaks']]}"
    codes = [f"`{step[member]}`" for member in ("session", "message", "error") if member in step]
    waits = f", `Retry-After: {step['retry_after']}`" if "retry_after" in step else ""
    takes = f" after {step['seconds']} s" if "seconds" in step else ""
    return f"{call}: {step['http']} {', '.join(codes)}{waits}{takes}"
