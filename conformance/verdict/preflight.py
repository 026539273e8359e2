"""Before the first check: does anything here speak the protocol? A fault of the wiring is no fault of the shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from acp import headers
from conformance.errors import LineClosed
from conformance.findings import Finding, Missing
from conformance.trial.trial import Trial
from conformance.wire.exchange import NOT_JSON, Exchange

Fault = Literal["unreachable", "tls", "silent", "endless", "broken-off", "elsewhere", "key", "not-acp"]


@dataclass(frozen=True, slots=True)
class Wiring:
    """Why nothing can be judged: a kind, and a sentence with what to do."""

    fault: Fault
    says: str


async def wiring(trial: Trial) -> Wiring | None:
    """What is wrong with the way to the servers under test; None when they can be judged."""
    for role in trial.profile.roles:
        try:
            first = await (trial.shop.first() if role == "merchant" else trial.vault.first())
        except (Missing, LineClosed, Finding):
            continue  # each check says for itself what it misses
        found = fault_of(first, role)
        if found is not None:
            return found
    return None


def fault_of(first: Exchange, role: str) -> Wiring | None:
    """What the first answer of a role says about the way to it; None where the protocol is spoken there."""
    if first.failure:
        return _failed(first, role)
    if 300 <= first.status < 400:
        to = first.header("location") or "another address"
        return Wiring("elsewhere", f"The {role} redirects to {to[:200]}; write that address into the profile.")
    if first.status in (401, 403):
        return Wiring("key", f"The {role} refused the key with {first.status}; check {role}.key in the profile.")
    if first.document is NOT_JSON and not headers.is_json(first.header("content-type")) and first.status < 500:
        kind = (first.header("content-type") or "nothing it would name").partition(";")[0]
        return Wiring("not-acp", f"The {role} answers {first.status} with {kind[:60]}, no JSON; check {role}.url.")
    return None


def _failed(first: Exchange, role: str) -> Wiring:
    says = first.failure.says if first.failure else ""
    kinds: dict[str, Fault] = {
        "unreachable": "unreachable", "tls": "tls", "timeout": "silent", "too-large": "endless",
        "broken-off": "broken-off",
    }  # fmt: skip
    kind = kinds.get(first.failure.kind if first.failure else "", "unreachable")
    return Wiring(kind, f"The {role} at {first.sent.url.partition('?')[0]}: {says}.")
