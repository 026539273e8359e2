"""Two runs side by side: what broke is told first, and nothing is told that stayed the same."""

from __future__ import annotations

import pytest

from conformance.verdict.difference import changes


def run(**outcomes: str) -> dict:
    return {"requirements": [{"id": id, "level": "MUST", "outcome": each, "says": id} for id, each in outcomes.items()]}


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        ("pass", "fail", "broke"),
        ("untestable", "warn", "broke"),
        ("not-applicable", "error", "broke"),
        ("fail", "pass", "mended"),
        ("warn", "pass", "mended"),
        ("pass", "untestable", "lost"),
        ("untestable", "pass", "gained"),
        ("fail", "untestable", "changed"),
        ("fail", "warn", "changed"),
    ],
)
def test_a_change_is_named_by_what_it_means(before, after, way):
    (change,) = changes(run(a=before), run(a=after))
    assert (change.id, change.before, change.after, change.way) == ("a", before, after, way)


def test_what_broke_comes_first_and_what_stayed_is_left_out():
    old = run(a="fail", b="pass", c="pass", d="pass", e="untestable")
    new = run(a="pass", b="pass", c="fail", d="untestable", e="pass")
    assert [change.id for change in changes(old, new)] == ["c", "d", "e", "a"]


def test_what_only_one_run_judged_is_told():
    assert [(each.before, each.after, each.way) for each in changes(run(), run(a="pass"))] == [("", "pass", "gained")]
    assert [(each.before, each.after, each.way) for each in changes(run(a="pass"), run())] == [("pass", "", "lost")]
    assert [(each.before, each.after, each.way) for each in changes(run(), run(a="fail"))] == [("", "fail", "broke")]
