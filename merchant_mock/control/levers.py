"""Faults and variations: what is set and what there is, and setting others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from acp.errors import InvalidRequest, UsageError
from merchant_mock.control.route import Call, Route
from merchant_mock.faults import FAULTS, faults
from merchant_mock.levers import Lever
from merchant_mock.variations import VARIATIONS, variations


async def read_faults(call: Call) -> dict[str, Any]:
    """Tell the faults."""
    return _told(call, FAULTS)


async def set_faults(call: Call) -> dict[str, Any]:
    """Set faults; variations stay."""
    return _set(call, FAULTS, faults)


async def read_variations(call: Call) -> dict[str, Any]:
    """Tell the variations."""
    return _told(call, VARIATIONS)


async def set_variations(call: Call) -> dict[str, Any]:
    """Set variations; faults stay."""
    return _set(call, VARIATIONS, variations)


def _set(call: Call, table: Mapping[str, Lever], named: Callable[[Iterable[str]], list[Lever]]) -> dict[str, Any]:
    levers = call.house.levers
    try:
        chosen = named(call.body["names"])
    except UsageError as unknown:
        raise InvalidRequest(str(unknown), param="$.names") from None
    levers.set([*chosen, *(lever for lever in levers.levers if lever.name not in table)])
    return _told(call, table)


def _told(call: Call, table: Mapping[str, Lever]) -> dict[str, Any]:
    return {
        "names": [lever.name for lever in call.house.levers.levers if lever.name in table],
        "known": [lever.to_dict() for lever in table.values()],
    }


ROUTES = [
    Route("GET", "/faults", "The faults that are set, and all that there are.", read_faults, "Levers"),
    Route("PUT", "/faults", "Set these faults and no others.", set_faults, "Levers", "Names"),
    Route("GET", "/variations", "The variations that are set, and all that there are.", read_variations, "Levers"),
    Route("PUT", "/variations", "Set these variations and no others.", set_variations, "Levers", "Names"),
]
