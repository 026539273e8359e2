"""Capability negotiation: what agent and merchant can both do, and what the merchant requires beyond it.

rfc.capability_negotiation §4: the agent declares, the merchant answers with the intersection, and values that one side
does not know are ignored (reading A49).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Interventions:
    """What a merchant supports and requires of the agent during checkout.

    `supported`: any of 3ds, biometric, address_verification. `required`: of 3ds and biometric those that this purchase
    needs. `enforcement`: always, conditional (on risk) or optional.
    """

    supported: Sequence[str] = ("3ds",)
    required: Sequence[str] = ()
    enforcement: str = "conditional"


def intersection(declared: Any, supported: Iterable[str]) -> list[str]:
    """The values of `supported`, in its order, that the agent declared; what is not a list declares nothing."""
    offered = declared if isinstance(declared, list) else []
    return [value for value in supported if value in offered]


def negotiated(agent: Mapping[str, Any], merchant: Interventions) -> dict[str, Any]:
    """The `interventions` object of a session: the intersection, and what is required and when."""
    declared = agent.get("interventions")
    offered = declared.get("supported") if isinstance(declared, Mapping) else None
    return {
        "supported": intersection(offered, merchant.supported),
        "required": list(merchant.required),
        "enforcement": merchant.enforcement,
    }


def unmet(interventions: Mapping[str, Any]) -> list[str]:
    """The required interventions that the agent cannot perform, when the merchant always enforces them (§4.6.1)."""
    if interventions.get("enforcement") != "always":
        return []
    return [name for name in interventions.get("required", []) if name not in interventions.get("supported", [])]


def extensions(agent: Mapping[str, Any], offered: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The extension declarations active in a session: those offered, narrowed to the agent's list if it sent one.

    A name matches with or without its `@YYYY-MM-DD` (rfc.extensions §4). An empty result is left out of a session,
    because no schema admits an empty list (reading A21).
    """
    asked = agent.get("extensions")
    if not isinstance(asked, list):
        return [dict(extension) for extension in offered]
    names = {_bare(entry.get("name") if isinstance(entry, Mapping) else entry) for entry in asked}
    return [dict(extension) for extension in offered if _bare(extension.get("name")) in names]


def _bare(name: Any) -> str:
    return name.partition("@")[0] if isinstance(name, str) else ""
