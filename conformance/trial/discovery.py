"""The discovery document of the run, where the shop has one.

A profile may name the origin of a shop. Where it does not, its API is only a guess at it, so what stands there instead
of a document says nothing (DI-9, DI-11).
"""

from __future__ import annotations

from typing import Any, Final

from conformance.findings import Blocked, NotApplicable
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

LOCATION: Final = "discovery.location"
MEMBERS: Final = ("protocol", "api_base_url", "transports", "capabilities")


def is_discovery(document: Any) -> bool:
    """Whether a document can be called a discovery document at all, however faulty."""
    return isinstance(document, dict) and sum(name in document for name in MEMBERS) >= 2


async def asked(trial: Trial) -> Exchange:
    """What stands at the place of the document. Raises NotApplicable where that place was only guessed, and is bare."""
    seen = await trial.shop.discovered()
    if not trial.profile.merchant.discovery and not _shows(seen):
        raise NotApplicable(f"The profile names no origin of a discovery document: {seen.label}.", seen)
    return seen


async def found(trial: Trial) -> Exchange:
    """The answer with the document. Raises NotApplicable, and Blocked where it should be and is not."""
    seen = await asked(trial)
    if not _shows(seen):
        raise Blocked(f"There is no document to judge: {seen.label}.", seen, by=LOCATION)
    return seen


def _shows(seen: Exchange) -> bool:
    return seen.status == 200 and is_discovery(seen.document)
