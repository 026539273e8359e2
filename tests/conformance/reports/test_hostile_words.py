"""Whatever a server says is shown as words: no report runs, renders, links or breaks because of it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as Xml

import pytest

from conformance.reports.formats import FORMATS
from conformance.reports.html import PUBLISHED
from conformance.verdict.outcome import Result
from conformance.verdict.preflight import Wiring
from conformance.wire.exchange import Answer, Failure
from tests.browser import browser
from tests.conformance.reports import runs

WORDS = [
    "<script>window.hacked = 1</script>",
    "</script><script>window.hacked = 1</script>",
    "</style><script>window.hacked = 1</script>",
    "</pre></details></article><h1>Conformant</h1>",
    "<img src=x onerror=window.hacked=1>",
    "<svg/onload=window.hacked=1>",
    '" onmouseover="window.hacked=1" autofocus onfocus="window.hacked=1',
    "' onclick='window.hacked=1",
    "javascript:window.hacked=1",
    "[press](javascript:window.hacked=1) ![](https://evil.example/seen.png) https://evil.example www.evil.example",
    "@everyone #1 **bold** `code` | cell | <!-- hidden -->",
    "{{ 7 * 191 }} {% raw %} ${7 * 191} {# note #}",
    "]]><!-- --><!DOCTYPE x [<!ENTITY y 'z'>]>&y;",
    "line\u2028separator \u202eright to left\u202c \x00\x07\x1b[31m \ufeff",
]
TEXT = "\n".join(WORDS)

HANDLED = """[...document.querySelectorAll("*")]
  .filter((element) => [...element.attributes].some(({name}) => /^on/i.test(name))).length"""
LINKED = """[...document.querySelectorAll("[href], [src], [action], [formaction]")]
  .map((element) => element.getAttribute("href"))"""
OWN = {"<details>", "</details>", "<summary>", "</summary>", "<br>", "<!-- -->"}
"""The elements that a report in Markdown writes itself."""


def hostile() -> dict:
    """A run of a shop that says such words wherever a server can say something."""
    body = json.dumps({word: [word] for word in WORDS}, ensure_ascii=False).encode()
    answer = Answer(200, tuple((f"x-{n}-{word}", word) for n, word in enumerate(WORDS)), body)
    path = "/checkout_sessions/" + "/".join(WORDS)
    said = [
        runs.exchange(1, path=path, answer=answer),
        runs.exchange(2, path=path, answer=Answer(500, (), TEXT.encode())),
        runs.exchange(3, path=path, failure=Failure("broken-off", TEXT)),
    ]
    outcomes = {
        runs.FAILED: "fail", runs.DISPUTED: "fail", runs.WARNED: "warn", runs.ERRED: "error", runs.KEPT: "pass",
        runs.LACKING: "untestable", runs.WAITING: "untestable", runs.FOREIGN: "not-applicable",
    }  # fmt: skip
    found = [
        Result(check="a.check", requirement=id, outcome=outcome, says=TEXT, at=f"$[{WORDS[n]!r}]", seen=[n % 3 + 1])
        for n, (id, outcome) in enumerate(outcomes.items())
    ]
    return runs.run_file(found, said, url=f"https://shop.example/{WORDS[6]}{WORDS[0]}")


RUN = hostile()
INVALID = runs.run_file([], [], wiring=Wiring("elsewhere", TEXT))


class Tags(HTMLParser):
    """The tags of a page and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture(params=[RUN, INVALID], ids=["judged", "invalid"])
def page(request, chromium, tmp_path):
    file = tmp_path / "run.html"
    file.write_text(FORMATS["html"].text(request.param), encoding="utf-8")
    chromium.screen(400)
    chromium.open(file)
    return chromium


def test_no_word_runs_however_the_page_is_used(page):
    page.run("document.querySelectorAll('details').forEach((fold) => fold.open = true)")
    page.run("document.querySelectorAll('[data-copies]').forEach((button) => button.click())")
    page.run("document.querySelectorAll('body *').forEach((each) => each.dispatchEvent(new Event('mouseover')))")
    page.run("new Promise((done) => setTimeout(done, 50))")
    assert page.run("typeof window.hacked") == "undefined"
    assert page.run("document.querySelectorAll('script, style, img, iframe, object, embed, link, base').length") == 2
    assert page.run("document.querySelectorAll('h1').length") == 1
    assert page.run(HANDLED) == 0
    assert page.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    for event in ("Log.entryAdded", "Runtime.exceptionThrown", "Page.javascriptDialogOpening"):
        assert page.of(event) == []


def test_every_link_leads_within_the_page_or_to_what_is_published(page):
    links = page.run(LINKED)
    assert [link for link in links if not link.startswith(("#", PUBLISHED))] == []


def test_the_words_are_there_to_be_read(chromium, page):
    said = page.run("document.body.textContent")
    for word in WORDS[:-1]:
        assert word in said
    assert "line\\u2028separator \\u202eright to left\\u202c \\x00\\x07\\x1b[31m \\ufeff" in said
    assert "1337" not in said


def test_a_search_for_such_words_is_a_search(chromium, tmp_path):
    file = tmp_path / "run.html"
    file.write_text(FORMATS["html"].text(RUN), encoding="utf-8")
    chromium.open(file)
    chromium.run(f"(() => {{search.value = {json.dumps(WORDS[0])}; form.dispatchEvent(new Event('input'))}})()")
    assert chromium.run("found.textContent") == "8 of 10 requirements"
    assert chromium.run("typeof window.hacked") == "undefined"


@pytest.mark.parametrize(
    "smuggled",
    [
        "<script>window.hacked = 1</script>",
        "<img src=x onerror='window.hacked = 1'>",
        "<a href='javascript:window.hacked=1' id=x>x</a>",
    ],
)
def test_even_a_script_that_got_onto_the_page_would_not_run(chromium, tmp_path, smuggled):
    file = tmp_path / "run.html"
    text = FORMATS["html"].text(RUN).replace('<div id="results">', f'{smuggled}<div id="results">')
    assert smuggled in text
    file.write_text(text, encoding="utf-8")
    chromium.open(file)
    chromium.run("document.getElementById('x')?.click()")
    chromium.run("new Promise((done) => setTimeout(done, 50))")
    assert chromium.run("typeof window.hacked") == "undefined"
    assert any("Content Security Policy" in each["entry"]["text"] for each in chromium.of("Log.entryAdded"))


def test_a_text_cannot_become_elements_once_the_page_is_there(page):
    refused = "(() => {try {document.body.innerHTML = '<b>x</b>'} catch (error) {return error.name}})()"
    assert page.run(refused) == "TypeError"


@pytest.mark.parametrize("run", [RUN, INVALID], ids=["judged", "invalid"])
def test_the_page_has_no_tag_and_no_attribute_but_its_own(run):
    plain = Tags(FORMATS["html"].text(runs.run_file())).found
    kinds = {(tag, frozenset(attributes)) for tag, attributes in plain}
    assert {(tag, frozenset(attributes)) for tag, attributes in Tags(FORMATS["html"].text(run)).found} <= kinds


@pytest.mark.parametrize("run", [RUN, INVALID], ids=["judged", "invalid"])
def test_xml_stays_xml_of_the_same_elements(run):
    for name in ("junit", "badge"):
        text = FORMATS[name].text(run)
        kinds = {element.tag for element in Xml.fromstring(FORMATS[name].text(runs.run_file())).iter()}
        assert {element.tag for element in Xml.fromstring(text).iter()} <= kinds
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u2028\u202e]", text)
        assert "<!" not in text


@pytest.mark.parametrize("run", [RUN, INVALID], ids=["judged", "invalid"])
def test_markdown_has_no_link_no_picture_no_call_and_no_element_but_its_own(run):
    text = FORMATS["markdown"].text(run)
    prose = re.sub(r"`[^`\n]*`", "", text)
    assert set(re.findall(r"</?[a-z!][^>]*>", prose)) <= OWN
    assert not re.search(r"\]\(|!\[|https?:|www\.|@(?!<)|(?<!&)#\d|\*\*bold", prose)
    assert "|" not in "\n".join(line for line in prose.splitlines() if not line.startswith("|"))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u2028\u202e]", text)


def test_the_archive_holds_them_as_they_were_said():
    entry = json.loads(FORMATS["har"].text(RUN))["log"]["entries"][0]
    assert json.loads(entry["response"]["content"]["text"]) == {word: [word] for word in WORDS}
