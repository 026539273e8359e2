from datetime import UTC, datetime

import pytest

from acp import timestamps


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-01T13:00:00Z", datetime(2026, 5, 1, 13, tzinfo=UTC)),
        ("2026-05-01t13:00:00z", datetime(2026, 5, 1, 13, tzinfo=UTC)),
        ("2026-05-01T13:00:00.25+02:00", datetime(2026, 5, 1, 11, 0, 0, 250000, tzinfo=UTC)),
        ("2030-12-31T23:59:60Z", datetime(2031, 1, 1, tzinfo=UTC)),
    ],
)
def test_every_spelling_of_rfc_3339_is_read(text, moment):
    assert timestamps.parse(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-05-01",
        "2026-05-01T13:00:00",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:60Z",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_what_names_no_moment_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        timestamps.parse(text)
