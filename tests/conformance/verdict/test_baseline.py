"""A baseline excuses what is known, until its date, and is never longer than the truth."""

from __future__ import annotations

from datetime import date

import pytest

from conformance.errors import BadBaseline, UnknownRequirement
from conformance.verdict.baseline import Compared, compare, read

CREATED, UPDATED = "checkout.session.create.status-201", "checkout.session.update.status-200"
TODAY = date(2026, 6, 1)


@pytest.fixture
def baseline(tmp_path):
    def written(text: str):
        file = tmp_path / "baseline.toml"
        file.write_text(text)
        return read(file)

    return written


def entry(id: str = CREATED, until: str = "2026-12-31") -> str:
    return f'[[known]]\nid = "{id}"\nbecause = "SHOP-12"\nuntil = {until}\n'


def run(**outcomes: str) -> dict:
    names = {"created": CREATED, "updated": UPDATED}
    return {"requirements": [{"id": names[name], "outcome": outcome} for name, outcome in outcomes.items()]}


@pytest.mark.parametrize(
    ("outcomes", "until", "found"),
    [
        ({"created": "fail", "updated": "pass"}, "2026-12-31", Compared(excused=(CREATED,))),
        ({"created": "error", "updated": "pass"}, "2026-12-31", Compared(excused=(CREATED,))),
        ({"created": "fail", "updated": "fail"}, "2026-12-31", Compared(excused=(CREATED,), new=(UPDATED,))),
        ({"created": "pass"}, "2026-12-31", Compared(stale=(CREATED,))),
        ({"created": "warn"}, "2026-12-31", Compared(stale=(CREATED,))),
        ({"created": "untestable"}, "2026-12-31", Compared()),
        ({"updated": "pass"}, "2026-12-31", Compared()),
        ({"created": "fail"}, "2026-06-01", Compared(excused=(CREATED,))),
        ({"created": "fail"}, "2026-05-31", Compared(expired=(CREATED,))),
    ],
)
def test_what_fails_is_excused_new_or_expired_and_what_does_not_is_stale(baseline, outcomes, until, found):
    assert compare(run(**outcomes), baseline(entry(until=until)), TODAY) == found


def test_a_failure_without_any_baseline_is_new():
    assert compare(run(created="fail"), [], TODAY) == Compared(new=(CREATED,))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[known]\n", "is no TOML"),
        ("known = 3\n", "must be written as [[known]] entries"),
        ('[[known]]\nid = "x"\n', "entry 1 must have id, because and until, and nothing else"),
        (entry() + "[[known]]\n", "entry 2 must have id"),
        (entry(until='"soon"'), "a date without quotes"),
        (entry().replace("SHOP-12", " "), "needs a reason"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named(baseline, text, says):
    with pytest.raises(BadBaseline, match=r"baseline\.toml") as refused:
        baseline(text)
    assert says in str(refused.value)


def test_a_requirement_that_there_is_not_is_named_with_the_nearest(baseline):
    with pytest.raises(UnknownRequirement, match=r"Did you mean checkout\.session\.create\.status-201"):
        baseline(entry("checkout.session.create.status-20"))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadBaseline, match=r"none\.toml: cannot be read: No such file"):
        read(tmp_path / "none.toml")
