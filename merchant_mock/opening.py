"""What a new tenant may have otherwise than the first shop."""

from __future__ import annotations

from dataclasses import dataclass

from merchant_mock.clock import Clock


@dataclass(frozen=True)
class Opening:
    """What a new tenant may have otherwise than the first shop: seed, clock, and where its order events go."""

    seed: int | None = None
    clock: Clock | None = None
    webhook_url: str | None = None
    webhook_secret: str | None = None


AS_THE_FIRST = Opening()
"""Nothing otherwise."""
