"""Markdown for a pull request: the claim, a table, the findings, and no more than a comment can hold."""

from __future__ import annotations

from conformance.catalogue import catalogue
from conformance.reports.markdown import MOST_TOLD, markdown
from conformance.verdict.outcome import Result
from conformance.verdict.preflight import Wiring
from tests.conformance.reports import runs

RUN = runs.run_file()
LINES = markdown(RUN).splitlines()


def test_it_begins_with_the_claim_and_what_it_rests_on():
    assert LINES[0] == "## ✗ non-conformant: `acp@2026-04-17`"
    assert LINES[2] == "**1 of 5 MUST verified, 1 not applicable, 4 not verified, 1 for review**"
    assert markdown(runs.run_file([], ids=[runs.REVIEWED])).startswith("## ✓ conformant: ")


def test_a_table_counts_outcomes_by_area():
    head = LINES.index("| area | pass | fail | warn | untestable | not-applicable | disabled | review | error |")
    assert LINES[head + 2] == "| 3ds |  | 1 |  |  |  |  |  |  |"
    assert "| totals | 1 |  |  |  |  | 1 |  |  |" in LINES


def test_a_finding_is_told_with_its_place_its_rule_and_its_source():
    found = LINES.index(f"- **MUST** `{runs.DISPUTED}`: The total is no integer. at &#36;.totals&#91;1&#93;.amount")
    assert LINES[found + 1].startswith("  <br>authentication_metadata")
    assert "rfcs/" in LINES[found + 1]


def test_what_is_not_verified_and_what_is_for_review_is_folded_with_its_ids():
    folded = LINES.index("<details><summary>4 not verified</summary>")
    assert f"- `{runs.LACKING}`" in LINES[folded : LINES.index("</details>", folded)]
    assert "<details><summary>1 for review</summary>" in LINES


def test_the_last_line_says_of_what_when_and_by_which_run_file():
    assert LINES[-1] == (
        "merchant https&#58;//shop.example/acp, psp https&#58;//shop.example/acp · suite 0.1.0 · "
        f"2026-05-03T09:30:00+00:00 · seed 7 · run file `{RUN['digest']}`"
    )


def test_a_shop_that_could_not_be_judged_is_told_with_the_reason():
    said = markdown(runs.run_file([], [], wiring=Wiring("silent", "It is down.")))
    assert said.startswith("## ✗ invalid: ")
    assert "\nIt is down.\n" in said
    assert "MUST verified" not in said


def test_a_shop_that_breaks_everything_still_fits_into_a_comment():
    ids = [each.id for each in catalogue().select(roles=["merchant"], statuses=["normative"], levels=["MUST"])]
    found = [Result(check="a.check", requirement=id, outcome="fail", says="It came otherwise. " * 10) for id in ids]
    run = runs.run_file(found, [], ids=ids)
    said = markdown(run)
    assert len(said) < 65_536
    assert f"\n- and {len(run['claim']['failed']) - MOST_TOLD} more\n" in said
