"""The page in a real browser: readable on a phone, on paper and in the dark, usable by keyboard and without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.reports.formats import FORMATS
from tests.browser import browser
from tests.conformance.reports import runs

OPEN = "document.querySelectorAll('details').forEach((fold) => fold.open = true)"
SHOWN = """[...document.querySelectorAll(".item")]
  .filter((each) => each.checkVisibility()).map(({dataset}) => dataset.outcome)"""
FOCUSED = "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"

FAINT = """(() => {
  const pixel = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const rgb = (colour) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = colour;
    pixel.fillRect(0, 0, 1, 1);
    return [...pixel.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, n) => sum + part * [0.2126, 0.7152, 0.0722][n], 0);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const found = rgb(getComputedStyle(each).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255];
  };
  const said = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.body.querySelectorAll("*")].filter((each) => said(each) && each.checkVisibility()).map((each) => {
    const [one, other] = [light(rgb(getComputedStyle(each).color)), light(ground(each))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    return [ratio, each.tagName + "." + each.className];
  }).filter(([ratio]) => ratio < 4.5);
})()"""
"""Text whose colour stands out of its ground by less than WCAG 2 AA asks for."""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    written = tmp_path_factory.mktemp("report") / "run.html"
    written.write_text(FORMATS["html"].text(runs.run_file()), encoding="utf-8")
    return written


@pytest.fixture
def page(chromium, file):
    """The page on a wide screen in daylight."""
    chromium.screen(1280)
    chromium.open(file)
    return chromium


def choose(page, selector: str, value: str) -> None:
    page.run(
        f"(() => {{const box = document.querySelector({selector!r}); box.value = {value!r};"
        "box.dispatchEvent(new Event('input', {bubbles: true}))})()"
    )


@pytest.mark.parametrize("width", [320, 400, 1280])
def test_nothing_is_wider_than_the_screen(page, width):
    page.screen(width)
    page.run(OPEN)
    assert page.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.run("document.querySelectorAll('.said pre').length") > 8


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("media", ["screen", "print"])
def test_every_text_stands_out_of_its_ground(page, scheme, media):
    page.screen(1280, scheme=scheme, media=media)
    page.run(OPEN)
    assert page.run(FAINT) == []


def test_the_dark_scheme_is_dark_and_paper_is_white(page):
    grounds = {}
    for scheme, media in (("light", "screen"), ("dark", "screen"), ("dark", "print")):
        page.screen(1280, scheme=scheme, media=media)
        grounds[scheme, media] = page.run("getComputedStyle(document.body).backgroundColor")
    assert grounds["light", "screen"] == grounds["dark", "print"] == "rgb(255, 255, 255)"
    assert grounds["dark", "screen"] == "rgb(17, 21, 26)"


def test_the_claim_is_on_top_with_what_it_rests_on(page):
    top = page.run("document.querySelector('header').innerText")
    assert "Non-conformant" in top
    assert "1 of 5 MUST verified" in top
    assert "1 not applicable, 4 not verified, 1 for review" in top
    assert runs.run_file()["digest"] in top
    page.run(OPEN)
    assert page.run("[...document.querySelectorAll('.ids a')].map(({textContent}) => textContent)") == [
        runs.ERRED,
        runs.WAITING,
        runs.LACKING,
        runs.OFF,
        runs.REVIEWED,
    ]


def test_a_finding_says_what_came_where_and_what_the_protocol_says(page):
    said = page.run("document.querySelector('.finding').innerText")
    for part in (
        runs.DISPUTED,
        "The total is no integer.",
        "at $.totals[1].amount",
        '"amount": "1900"',
        "MUST",
        "Also stated as " + runs.RESTATED,
        "curl -sS -i -X POST",
        "with ACP_MERCHANT_KEY set",
        "Checked by area.a_check",
    ):
        assert part in said
    assert page.run("document.querySelector('.finding mark').textContent.trim()") == '"amount": "1900"'


def test_where_the_sources_part_the_reading_is_told(page):
    said = page.run(f"document.getElementById({runs.WARNED!r}).closest('.item').innerText")
    assert "The sources part here, A05: " in said


def test_all_is_shown_at_first_and_what_is_not_asked_for_disappears(page):
    page.run(OPEN)
    assert page.run("found.textContent") == "10 of 10 requirements"
    assert sorted(page.run(SHOWN)) == sorted(
        ["fail", "fail", "error", "warn", "untestable", "untestable", "review", "pass", "not-applicable", "disabled"]
    )
    page.run("document.querySelector('input[value=fail]').click()")
    assert page.run(SHOWN) == ["fail", "fail"]
    page.run("document.querySelector('input[value=pass]').click()")
    assert page.run(SHOWN) == ["fail", "fail", "pass"]
    assert page.run("found.textContent") == "3 of 10 requirements"
    headings = page.run("[...document.querySelectorAll('#results h2')].filter((h) => h.checkVisibility()).length")
    assert headings == 2


def test_level_and_area_narrow_too_and_groups_open_where_something_is_left(page):
    choose(page, "select[name=area]", "session")
    assert sorted(page.run(SHOWN)) == ["error", "fail", "untestable", "untestable", "warn"]
    choose(page, "select[name=level]", "SHOULD")
    assert page.run(SHOWN) == ["warn"]


@pytest.mark.parametrize(
    ("words", "outcomes"),
    [
        ("status-201", ["fail"]),
        ("INTEGER total", ["fail"]),
        ("no-such-word", []),
        ("totals entry", ["pass"]),
        (runs.RESTATED, ["fail"]),
        ("acpc-req", []),
    ],
)
def test_a_search_finds_all_its_words_in_any_case_and_order(page, words, outcomes):
    choose(page, "#search", words)
    assert page.run(SHOWN) == outcomes


def test_everything_can_be_shown_again(page):
    choose(page, "#search", "status-201")
    page.run("document.querySelector('[type=reset]').click()")
    page.run("new Promise((done) => setTimeout(done))")
    page.run(OPEN)
    assert len(page.run(SHOWN)) == 10
    assert not page.run("document.querySelector('[type=reset]').checkVisibility()")


def test_the_keyboard_skips_to_the_results_and_a_slash_searches(page):
    page.press("Tab")
    assert page.run(FOCUSED) == "skip"
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert page.run("document.activeElement.getBoundingClientRect().left >= 0")
    page.press("/")
    assert page.run(FOCUSED) == "search"
    page.press("/")
    assert page.run("search.value") == "/"


def test_what_can_be_folded_is_opened_by_keyboard_and_shows_its_focus(page):
    page.run("document.querySelector('.group > summary').focus()")
    page.press("Tab")
    page.press("Enter")
    assert page.run("document.querySelectorAll('.group[open]').length") == 1
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_an_exchange_is_brought_to_the_check_that_saw_it(page):
    page.run(
        "document.querySelector('.check .exchange').closest('.item').querySelector('.check .exchange').open = true"
    )
    page.run("new Promise((done) => setTimeout(done))")
    said = page.run("document.querySelector('.check .exchange').innerText")
    assert "Idempotency-Key: key-1" in said
    assert "Authorization: Bearer ${ACP_MERCHANT_KEY}" in said
    assert page.run("document.querySelectorAll('#exchange-1').length") == 1


def test_an_address_with_an_id_opens_what_it_names_even_when_it_was_filtered_away(page):
    choose(page, "#search", "no-such-word")
    page.run(f"location.hash = {runs.KEPT!r}")
    page.run("new Promise((done) => setTimeout(done, 50))")
    assert page.run(f"document.getElementById({runs.KEPT!r}).checkVisibility()")
    assert page.run("search.value") == ""


def test_the_command_is_copied_or_selected(page):
    page.run("document.querySelector('[data-copies]').click()")
    page.run("new Promise((done) => setTimeout(done, 50))")
    assert page.run("document.querySelector('[data-copies]').textContent") in ("Copied", "Selected")
    page.run("navigator.clipboard.writeText = () => Promise.reject()")
    page.run("document.querySelector('[data-copies]').click()")
    page.run("new Promise((done) => setTimeout(done, 50))")
    assert page.run("getSelection().toString()").startswith("curl -sS")


def test_without_scripts_it_is_a_plain_document_with_everything_in_it(chromium, file):
    chromium.screen(400)
    chromium.open(file, scripts=False)
    assert not chromium.run("document.getElementById('filter').checkVisibility()")
    assert not chromium.run("document.querySelector('[data-copies]').checkVisibility()")
    assert chromium.run("document.querySelector('.finding').checkVisibility()")
    assert chromium.run("document.querySelector('.check .elsewhere a').getAttribute('href')") == "#exchange-1"
    chromium.run(OPEN)
    assert len(chromium.run(SHOWN)) == 10
    assert chromium.run("document.querySelectorAll('.requests .said').length") == 4
    assert chromium.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("scripts", [True, False])
def test_on_paper_what_failed_is_unfolded_and_what_was_kept_is_counted(page, file, scripts):
    page.open(file, scripts=scripts)
    page.screen(800, media="print")
    unfolded = page.run(
        "[...document.querySelectorAll('.finding > .exchange pre')].map((each) => each.checkVisibility())"
    )
    assert len(unfolded) > 8
    assert all(unfolded)
    assert not page.run("document.getElementById('filter').checkVisibility()")
    assert not page.run("document.querySelector('.requests').checkVisibility()")
    kept = page.run("document.getElementById('section-pass').closest('section').innerText")
    assert "totals 1" in kept
    assert runs.KEPT not in kept


def test_nothing_is_asked_of_anybody(page):
    page.run(OPEN)
    asked = [each["request"]["url"] for each in page.of("Network.requestWillBeSent")]
    assert [url.partition(":")[0] for url in asked] == ["file"]
    assert page.of("Log.entryAdded") == page.of("Runtime.exceptionThrown") == []
