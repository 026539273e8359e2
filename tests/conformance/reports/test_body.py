"""A body is shown line by line, with the place of a finding marked, and no longer than a reader can use."""

from __future__ import annotations

import json

import pytest

from conformance.reports.body import AROUND, DEEPEST, MOST_LINES, body
from conformance.wire.record import LONGEST_BODY

DOCUMENTS = [
    {"a": [1, {"b": None}, []], "c": {}, "d e": "ü\n", "f": [[True]]},
    [],
    {},
    "text",
    0,
    False,
    None,
    [None],
]


def marked(value: object, at: str) -> list[str]:
    shown = body({"json": value}, at)
    return [shown.lines[number].strip() for number in sorted(shown.marked)]


@pytest.mark.parametrize("value", DOCUMENTS, ids=json.dumps)
def test_json_is_written_as_everybody_writes_it(value):
    assert "\n".join(body({"json": value}).lines) == json.dumps(value, indent=2, ensure_ascii=False)


@pytest.mark.parametrize(
    ("at", "lines"),
    [
        ("$.a[1].b", ['"b": null']),
        ("$.a[1]", ["{", '"b": null', "}"]),
        ("$['d e']", ['"d e": 1']),
        ("$.a[1].gone", ["{"]),
        ("$.a[7].b", ['"a": [']),
        ("$.ab", ["{"]),
        ("$", []),
        ("", []),
        ("the header", []),
    ],
)
def test_the_place_is_marked_or_what_is_nearest_around_it(at, lines):
    assert marked({"a": [1, {"b": None}], "d e": 1}, at) == lines


def test_an_excerpt_is_what_stands_around_the_place():
    shown = body({"json": {"a": list(range(20)), "b": 1}}, "$.a[9]")
    assert [shown.lines[number].strip() for number in shown.excerpt] == [f"{number}," for number in range(5, 14)]
    assert len(shown.excerpt) == 2 * AROUND + 1


def test_an_excerpt_of_a_long_place_is_its_beginning():
    shown = body({"json": {"a": list(range(50))}}, "$.a")
    assert [shown.lines[number].strip() for number in shown.excerpt] == ["{", '"a": [', *(f"{n}," for n in range(8))]


def test_without_a_place_there_is_no_excerpt():
    assert list(body({"json": {"a": 1}}).excerpt) == []


def test_a_long_document_is_cut_and_says_so():
    shown = body({"json": list(range(MOST_LINES))})
    assert len(shown.lines) == MOST_LINES
    assert shown.left_out == f"The first {MOST_LINES:,} of {MOST_LINES + 2:,} lines; the run file has them all."
    assert body({"json": list(range(MOST_LINES - 2))}).left_out == ""


def test_a_text_that_was_cut_when_it_was_captured_says_so():
    assert body({"text": "x", "bytes": LONGEST_BODY}).left_out == ""
    assert body({"text": "x", "bytes": LONGEST_BODY + 1}).left_out == "The first 65,536 of 65,537 bytes."


def test_a_text_keeps_its_lines_and_nothing_is_no_line():
    assert body({"text": "one\ntwo\u2028three", "bytes": 13}).lines == ["one", "two\u2028three"]
    assert body({}).lines == []


def test_a_document_of_any_depth_is_shown_without_growing_beyond_measure():
    deep: list = []
    for _ in range(250):
        deep = [deep]
    shown = body({"json": deep})
    assert max(map(len, shown.lines)) <= 2 * DEEPEST + 2
