"""The shop's clock: read, moved forward, set, stopped; what becomes due by it is done before the answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from acp import timestamps
from acp.errors import InvalidRequest
from merchant_mock.app import House
from merchant_mock.control.route import Call, Route
from merchant_mock.due import catch_up

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""How far the clock goes: signatures count seconds from the one, and sessions expire within the calendar."""

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W|(?:(?P<days>\d+)D)?(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?)",
    re.ASCII,
)


def told(house: House) -> dict[str, Any]:
    """The time of a shop, and whether it stands still."""
    return {"now": house.clock().isoformat(), "stopped": house.clock.stopped}


async def read(call: Call) -> dict[str, Any]:
    """Tell the time."""
    return told(call.house)


async def advance(call: Call) -> dict[str, Any]:
    """Move the time forward."""
    clock = call.house.clock
    try:
        by = timedelta(seconds=call.body["seconds"]) if "seconds" in call.body else duration(call.body["duration"])
        _check(clock() + by, "$")
    except OverflowError:
        raise _out_of_reach("$") from None
    await catch_up(call.house)  # so that what is due now is done now, and only what becomes due then is done then
    clock.advance(by)
    return await _followed(call.house)


async def put(call: Call) -> dict[str, Any]:
    """Set the time, stop it or let it run."""
    clock = call.house.clock
    at = moment(call.body["at"], "$.at") if "at" in call.body else clock()
    clock.set(at, stopped=call.body.get("stopped", clock.stopped))
    return await _followed(call.house)


def duration(text: str) -> timedelta:
    """A duration of ISO 8601 in weeks, or days, hours, minutes and seconds. Raises InvalidRequest, OverflowError."""
    found = _DURATION.fullmatch(text)
    parts = {name: int(number) for name, number in found.groupdict().items() if number} if found else {}
    if not parts:
        raise InvalidRequest("A duration is like PT15M or P3DT2H, in weeks, or days and less.", param="$.duration")
    return timedelta(**parts)


def moment(text: str, where: str) -> datetime:
    """A moment that a shop's clock can show. Raises InvalidRequest for another, at the place `where`."""
    try:
        at = timestamps.parse(text)
    except ValueError:
        raise _out_of_reach(where) from None
    return _check(at, where)


def _check(at: datetime, where: str) -> datetime:
    if not EARLIEST <= at <= LATEST:
        raise _out_of_reach(where)
    return at


def _out_of_reach(where: str) -> InvalidRequest:
    return InvalidRequest(f"A shop's clock goes from {EARLIEST:%Y} to {LATEST:%Y}.", param=where)


async def _followed(house: House) -> dict[str, Any]:
    """The time, once what is due by it was done, or at least begun."""
    return {"finished": await catch_up(house)} | told(house)


ROUTES = [
    Route("GET", "/clock", "The shop's time, and whether it stands still.", read, "Clock"),
    Route(
        "POST",
        "/clock/advance",
        "Move the time forward by seconds or an ISO 8601 duration; expiry, retention, payments and deliveries follow.",
        advance,
        "Followed",
        "Advance",
    ),
    Route(
        "PUT", "/clock", "Set the time, stop it or let it run; what is due follows.", put, "Followed", "ClockSetting"
    ),
]
