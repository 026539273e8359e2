"""The badge: the claim, the profile and the version in a picture that says the same to those who cannot see it."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

import pytest

from conformance.reports.badge import COLOURS, badge
from conformance.verdict.claim import EXIT_CODES
from tests.conformance.reports import runs

RUN = runs.run_file()
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("word", EXIT_CODES)
def test_it_says_profile_version_and_claim_on_the_colour_of_the_claim(word):
    picture = Xml.fromstring(badge({**RUN, "claim": {**RUN["claim"], "claim": word}}))
    assert [each.text for each in picture.iter(f"{SVG}text")] == ["acp@2026-04-17", word]
    assert picture.find(f"{SVG}title").text == f"acp@2026-04-17: {word}"
    assert COLOURS[word] in [each.get("fill") for each in picture.iter(f"{SVG}rect")]


def test_words_and_grounds_are_as_wide_as_each_other():
    picture = Xml.fromstring(badge(RUN))
    grounds = [each for each in picture.iter(f"{SVG}rect") if each.get("fill")]
    assert sum(int(each.get("width")) for each in grounds) == int(picture.get("width"))
    for ground, words in zip(grounds, picture.iter(f"{SVG}text"), strict=True):
        assert int(words.get("x")) == int(ground.get("x", "0")) + 10
        assert int(words.get("textLength")) == int(ground.get("width")) - 20


def test_it_names_the_run_file_it_was_made_of():
    assert RUN["digest"] in Xml.fromstring(badge(RUN)).find(f"{SVG}desc").text
