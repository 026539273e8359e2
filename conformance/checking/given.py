"""What the agent itself gave: a shop that repeats a mistake of the agent's makes none of its own (A70)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import schemas
from conformance.trial.sight import Sight

DEFINITIONS: Final[Mapping[str, str]] = {
    "buyer": "Buyer",
    "fulfillment_details": "FulfillmentDetails",
    "fulfillment_address": "Address",
}
"""The members of requests that sessions repeat, with the definition of each."""


def given_wrong(sight: Sight, member: str) -> bool:
    """Whether a request about this session had the member in a form that its definition does not allow."""
    given = [asked[member] for asked in sight.given if member in asked]
    if not given:
        return False
    rule = schemas.validator("checkout", DEFINITIONS[member], version=sight.version)
    return not all(rule.is_valid(value) for value in given)
