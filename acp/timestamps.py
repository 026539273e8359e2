"""Times on the wire: RFC 3339 texts read into moments, whatever spelling they come in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_LEAP_SECOND = re.compile(r"(?<=:[0-9]{2}):60(?=[.Zz+-])")


def parse(text: str) -> datetime:
    """The moment of an RFC 3339 date-time.

    Raises ValueError for a text that is none or has no time zone, and for a moment before year 1 or after 9999 in UTC.
    """
    leap = _LEAP_SECOND.search(text) is not None
    moment = datetime.fromisoformat(_LEAP_SECOND.sub(":59", text).upper())
    if moment.tzinfo is None:
        raise ValueError("A time without a zone says nothing.")
    try:
        return (moment + timedelta(seconds=leap)).astimezone(UTC)
    except OverflowError:
        raise ValueError("That moment is beyond the calendar.") from None
