"""The register of misdeeds and carriages."""

from __future__ import annotations

from merchant_mock.deeds import Carriage, Deed

MISDEEDS: dict[str, Deed] = {}
CARRIAGES: dict[str, Carriage] = {}


def misdeed(deed: Deed) -> Deed:
    """Register a fault in front of the shop under the name of its function."""
    MISDEEDS[deed.__name__] = deed  # type: ignore[attr-defined]
    return deed


def carriage(deed: Carriage) -> Carriage:
    """Register a fault in how order events are sent under the name of its function."""
    CARRIAGES[deed.__name__] = deed  # type: ignore[attr-defined]
    return deed
