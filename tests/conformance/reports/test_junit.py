"""JUnit XML: one test case for each requirement, as any CI reads it, and no skip that reads as a pass."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from conformance.reports.junit import junit
from conformance.verdict.preflight import Wiring
from tests.conformance.reports import runs
from tests.conformance.reports.xsd import Schema

SCHEMA = Schema(Path(__file__).with_name("junit.xsd"))
RUN = runs.run_file()
INVALID = runs.run_file([], [], wiring=Wiring("silent", "It is down."))


def root(run: dict = RUN) -> Xml.Element:
    return Xml.fromstring(junit(run))


def case(id: str) -> Xml.Element:
    (found,) = [each for each in root().iter("testcase") if each.get("name") == id]
    return found


@pytest.mark.parametrize("run", [RUN, INVALID], ids=["judged", "invalid"])
def test_it_keeps_to_the_common_schema(run):
    assert list(SCHEMA.problems(root(run))) == []


@pytest.mark.parametrize(
    "text",
    [
        "<testsuites><testcase name='a' classname='b'/></testsuites>",
        "<testsuites tests='-1'/>",
        "<testsuites colour='red'/>",
        "<testsuites>text</testsuites>",
        "<testsuite name='a' tests='0' failures='0'/>",
        "<testcase name='a' classname='b'><failure type='a'/><skipped/></testcase>",
        "<testcase name='a' classname='b'><passed/></testcase>",
        "<system-out><b/></system-out>",
    ],
)
def test_what_does_not_keep_to_it_is_noticed(text):
    assert list(SCHEMA.problems(Xml.fromstring(text)))


def test_there_is_one_case_for_each_requirement_in_the_suite_of_its_area():
    cases = {(suite.get("name"), each.get("name")) for suite in root() for each in suite.iter("testcase")}
    assert cases == {(each["area"], each["id"]) for each in RUN["requirements"]}
    assert len(list(root().iter("testcase"))) == len(RUN["requirements"])


@pytest.mark.parametrize(
    ("id", "name", "message"),
    [
        (runs.FAILED, "failure", "fail: POST create was answered 200, not 201."),
        (runs.ERRED, "error", "error: No answer in time."),
        (runs.LACKING, "skipped", "untestable: It brings no payment."),
        (runs.FOREIGN, "skipped", "not-applicable: It declares no order events."),
        (runs.OFF, "skipped", "disabled: The profile switches it off."),
        (runs.REVIEWED, "skipped", "review: Carts are judged by a later version of this suite."),
        (runs.RESTATED, "skipped", f"Restates {runs.DISPUTED}, which is judged in its place."),
    ],
)
def test_an_outcome_is_a_failure_an_error_or_a_skip_with_its_reason(id, name, message):
    (told,) = case(id)
    assert (told.tag, told.get("message")) == (name, message)


def test_a_pass_is_a_case_with_nothing_to_say():
    assert list(case(runs.KEPT)) == []


def test_a_warning_passes_and_says_so():
    (told,) = case(runs.WARNED)
    assert told.tag == "system-out"
    assert told.text.startswith("warn: There is no message.\nAt $.messages\nSHOULD: ")


def test_a_failure_says_where_what_the_protocol_says_and_how_to_see_it_again():
    text = case(runs.DISPUTED).find("failure").text
    assert text.startswith("At $.totals[1].amount\nMUST: ")
    assert "\ncurl -sS -i -X POST 'https://shop.example/acp/checkout_sessions'" in text


def test_the_counts_are_those_of_the_cases():
    counts = {name: int(root().get(name)) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": 11, "failures": 2, "errors": 1, "skipped": 6}
    assert sum(int(suite.get("tests")) for suite in root()) == 11
    assert root().get("time") == "3.500"


def test_every_suite_names_the_claim_and_the_digest_of_the_run_file():
    for suite in root():
        told = {each.get("name"): each.get("value") for each in suite.find("properties")}
        assert told["claim"] == "non-conformant"
        assert told["digest"] == RUN["digest"]


def test_a_shop_that_could_not_be_judged_is_an_error_and_not_an_empty_success():
    (only,) = root(INVALID).iter("testcase")
    assert only.find("error").get("message") == "It is down."
    assert root(INVALID).get("errors") == "1"
