"""An account says what follows from a run file, and no more than that."""

from __future__ import annotations

from conformance.reports.account import Account, label
from conformance.verdict.preflight import Wiring
from tests.conformance.reports import runs

ACCOUNT = Account(runs.run_file())


def ids(judgements):
    return [each["id"] for each in judgements]


def judged(id):
    return next(each for each in ACCOUNT.run["requirements"] if each["id"] == id)


def test_what_restates_another_is_told_with_it_and_counted_once():
    assert ids(ACCOUNT.of("fail")) == [runs.DISPUTED, runs.FAILED]
    assert ids(ACCOUNT.restating(judged(runs.DISPUTED))) == [runs.RESTATED]
    assert ACCOUNT.counts["fail"] == 2


def test_what_restates_one_that_the_run_did_not_judge_is_told_by_itself():
    alone = Account(runs.run_file(ids=[runs.RESTATED]))
    assert ids(alone.requirements) == [runs.RESTATED]


def test_the_result_that_decided_is_the_one_that_tells():
    results = [*runs.results()[:1], runs.Result(check="other", requirement=runs.FAILED, outcome="pass")]
    account = Account(runs.run_file(results[::-1]))
    (failed,) = account.of("fail")
    assert account.telling(failed)["check"] == "area.a_check"


def test_the_telling_exchange_is_the_last_that_was_seen_and_kept():
    assert ACCOUNT.exchange(judged(runs.FAILED))["number"] == 2
    assert Account(runs.run_file(said=runs.exchanges()[:1])).exchange(judged(runs.FAILED))["number"] == 1
    assert ACCOUNT.exchange(judged(runs.REVIEWED)) is None


def test_an_order_event_cannot_be_sent_again_and_has_no_command():
    assert ACCOUNT.command(judged(runs.FAILED)).startswith("curl ")
    assert ACCOUNT.command(judged(runs.FOREIGN)) == ""
    assert ACCOUNT.command(judged(runs.REVIEWED)) == ""


def test_what_could_not_be_judged_is_grouped_by_its_cause():
    causes = {cause: ids(judgements) for cause, judgements in ACCOUNT.by_cause("untestable").items()}
    assert causes == {f"waits for {runs.FAILED}": [runs.WAITING], "needs payment": [runs.LACKING]}


def test_the_tally_says_what_the_claim_rests_on():
    assert ACCOUNT.tally == "1 of 5 MUST verified, 1 not applicable, 4 not verified, 1 for review"


def test_what_narrows_the_claim_is_said():
    assert list(Account(runs.run_file(ids=[runs.KEPT])).caveats) == [f"Only these ids were judged: {runs.KEPT}."]
    assert list(Account(runs.run_file(ids=[], wiring=Wiring("silent", "It is down."))).caveats) == ["It is down."]


def test_a_baseline_is_told_by_what_it_means():
    held = {**runs.run_file(), "baseline": {"excused": ["a"], "new": ["b"], "stale": [], "expired": ["c"]}}
    lists = Account(held).lists
    assert lists["not on the baseline"] == ["b"]
    assert lists["known and excused"] == ["a"]
    assert lists["on the baseline, but its date is over"] == ["c"]
    assert not any("take it off" in title for title in lists)


def test_an_exchange_is_called_by_its_method_its_path_and_what_came_of_it():
    labels = [label(record) for record in ACCOUNT.run["exchanges"]]
    assert labels == [
        "POST /acp/checkout_sessions → 200",
        "POST /acp/checkout_sessions → 200",
        "POST /acp/checkout_sessions → timeout",
        "POST /acp/order_events → 200",
    ]
    root = {"request": {"method": "GET", "url": "https://shop.example?x=1"}}
    assert label(root) == "GET / → nothing"
