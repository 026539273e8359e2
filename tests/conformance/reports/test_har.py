"""An HTTP archive of HAR 1.2 that the tools of browsers read."""

from __future__ import annotations

import json

from conformance.reports.har import har
from conformance.wire.exchange import Answer
from tests.conformance.reports import runs

RUN = runs.run_file()
LOG = json.loads(har(RUN))["log"]

NEEDED = {
    "": {"startedDateTime", "time", "request", "response", "cache", "timings"},
    "request": {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"},
    "response": {
        "status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize",
        "bodySize",
    },
    "timings": {"send", "wait", "receive"},
}  # fmt: skip
"""The members that HAR 1.2 asks of an entry and its parts."""


def entry(**said) -> dict:
    (only,) = json.loads(har(runs.run_file([], [runs.exchange(1, **said)])))["log"]["entries"]
    return only


def test_it_says_what_made_it_and_of_which_run_file():
    assert LOG["version"] == "1.2"
    assert LOG["creator"]["name"] == "acp-conformance"
    assert LOG["comment"] == f"non-conformant, acp@2026-04-17, run file {RUN['digest']}"


def test_every_exchange_is_an_entry_with_all_that_is_needed():
    assert len(LOG["entries"]) == len(RUN["exchanges"])
    for each in LOG["entries"]:
        for part, needed in NEEDED.items():
            assert needed <= set(each[part] if part else each)
        assert each["time"] == sum(each["timings"].values()) == 12.3


def test_a_body_is_told_with_its_type_and_its_length():
    told = entry(path="/checkout_sessions?a=1&b=")
    assert told["request"]["postData"] == {"mimeType": "application/json", "text": '{"currency": "usd"}'}
    assert told["request"]["bodySize"] == 19
    assert told["request"]["queryString"] == [{"name": "a", "value": "1"}, {"name": "b", "value": ""}]
    assert json.loads(told["response"]["content"]["text"])["id"] == "cs_1"
    assert told["response"]["content"]["size"] == len(runs.SESSION)
    assert told["response"]["content"]["mimeType"] == "application/json"


def test_a_status_has_its_phrase_and_an_unknown_one_has_none():
    assert entry(answer=Answer(404, ()))["response"]["statusText"] == "Not Found"
    assert entry(answer=Answer(799, ()))["response"]["statusText"] == ""


def test_a_redirect_names_its_address_and_no_body_is_no_text():
    told = entry(answer=Answer(302, (("location", "/elsewhere"),)), body=b"")
    assert told["response"]["redirectURL"] == "/elsewhere"
    assert told["response"]["content"] == {"size": 0, "mimeType": "application/octet-stream", "text": ""}
    assert "postData" not in told["request"]


def test_what_was_not_answered_says_why():
    broken = LOG["entries"][2]["response"]
    assert (broken["status"], broken["comment"]) == (0, "no answer in time")
