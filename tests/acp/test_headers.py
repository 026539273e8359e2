import pytest

from acp import headers
from acp.versions import is_version, newest_first, oldest_first


@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Basic abc", None),
        ("Bearer ", None),
        ("Bearer", None),
        ("", None),
        (None, None),
    ],
)
def test_a_bearer_token_is_read_from_its_header(value, token):
    assert headers.bearer_token(value) == token


@pytest.mark.parametrize(
    ("value", "json"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ('application/json; charset="UTF-8"; x=y', True),
        ("application/json; charset=latin-1", False),
        ("application/problem+json", False),
        ("text/plain", False),
        ("", False),
        (None, False),
    ],
)
def test_only_json_in_utf_8_counts_as_json(value, json):
    assert headers.is_json(value) is json


@pytest.mark.parametrize(
    ("value", "seconds"), [("5", 5), (" 12 ", 12), ("soon", None), ("-1", None), ("٥", None), (None, None)]
)
def test_retry_after_is_whole_seconds(value, seconds):
    assert headers.retry_after_seconds(value) == seconds


@pytest.mark.parametrize(
    ("digits", "seconds"), [("0", 0), ("0" * 20 + "7", 7), ("9" * 9, 999_999_999), ("9" * 5000, 999_999_999)]
)
def test_a_retry_after_beyond_all_patience_is_not_one_that_nobody_stated(digits, seconds):
    assert headers.retry_after_seconds(digits) == seconds


NOW = "Fri, 01 May 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("Fri, 01 May 2026 12:00:07 GMT", NOW, 7),
        ("Fri, 01 May 2026 12:00:07 -0000", NOW, 7),
        ("Fri, 01 May 2026 14:00:07 +0200", NOW, 7),
        ("Fri, 01 May 2026 11:59:00 GMT", NOW, 0),
        ("Fri, 01 May 2026 12:00:07 GMT", None, None),
        ("Fri, 01 May 2026 12:00:07 GMT", "today", None),
        ("Fri, 99 May 2026 12:00:07 GMT", NOW, None),
        ("Fri, 01 May 99999999999 12:00:07 GMT", NOW, None),
    ],
)
def test_a_retry_after_that_is_a_date_is_counted_from_the_date_of_the_answer(value, date, seconds):
    assert headers.retry_after_seconds(value, date) == seconds


@pytest.mark.parametrize(
    ("text", "yes"), [("2026-04-17", True), ("2026-04-17\n", False), ("2026-4-17", False), ("", False)]
)
def test_a_dated_version_has_ten_characters(text, yes):
    assert is_version(text) is yes


def test_versions_are_ordered_by_date():
    assert oldest_first({"2026-04-17", "2025-09-29"}) == ["2025-09-29", "2026-04-17"]
    assert newest_first({"2026-04-17", "2025-09-29"}) == ["2026-04-17", "2025-09-29"]
