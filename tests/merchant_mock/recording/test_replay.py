"""Recordings that are sent again, to a shop as it was and to others."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from starlette.responses import PlainTextResponse

from acp.errors import UsageError
from merchant_mock.app import DEMO_KEY, Terms
from merchant_mock.catalogue import BUILT_IN
from merchant_mock.recording.bindings import Bindings
from merchant_mock.recording.differences import Comparison
from merchant_mock.recording.recorder import Recorder, header_of
from merchant_mock.recording.replay import replay, replay_to
from merchant_mock.recording.tape import Header, Tape, read
from merchant_mock.serving import bind, serving
from merchant_mock.testing import Settings, opened
from merchant_mock.wire.exchange import Manner, Reply
from merchant_mock.wire.stage import Stage
from tests.merchant_mock import walk
from tests.merchant_mock.errands import PARTS, shopping, walked
from tests.merchant_mock.recording.conftest import NOON, Clock


def differing(outcomes):
    return {outcome.what: [d.to_dict() for d in outcome.differences] for outcome in outcomes if outcome.differences}


def purchases(shop):
    """What an agent does in a day: it buys, is declined, asks for what there is not, and waits."""
    session = shop.open()
    shop.pay(session, shop.mint(session, "4000000000000002"))
    shop.pay(session, shop.mint(session))
    shop.get(f"/checkout_sessions/{session['id']}")
    shop.open(line_items=[{"id": "unicorn"}])
    shop.post("/checkout_sessions", {"line_items": []}, headers={"Authorization": "Bearer nobody"})
    slow = shop.open()
    shop.pay(slow, shop.mint(slow, "4000000000000259", cvc="111"))
    shop.get(f"/checkout_sessions/{slow['id']}")
    shop.advance(NOON + timedelta(minutes=1))
    shop.get(f"/checkout_sessions/{slow['id']}")
    shop.advance(NOON + timedelta(hours=8))
    shop.get(f"/checkout_sessions/{shop.open()['id']}")


def test_a_whole_walk_gives_the_same_bytes_when_it_is_sent_again(tmp_path, monkeypatch):
    agents, noon = {walk.OTHER_KEY: "other-agent"}, Clock(at=walk.NOON, stopped=True)
    terms = Terms(None, None, "http://shop.test", agents=agents, seed=walk.SEED, clock=noon)
    recorder = Recorder(tmp_path / "rec", header_of(terms, BUILT_IN), DEMO_KEY, agents)
    monkeypatch.setattr(walk, "Terms", partial(Terms, witnesses=[recorder]))
    own = [name for name, errand in PARTS.items() if errand.__module__ == shopping.__name__]  # others break the shop
    walked(tmp_path, parts=own)
    recorder.close()
    assert walk.OTHER_KEY not in recorder.path.read_text()
    tape = read(recorder.path)
    assert (len(tape.exchanges) > 150, len(tape.events) > 6) == (True, True)
    outcomes = list(replay(tape))
    assert differing(outcomes) == {}
    left_out = {outcome.left_out for outcome in outcomes if outcome.left_out}
    assert left_out == {"a look at a payment under way, whose end depends on the machine"}


def test_with_the_clock_of_the_recording_what_became_due_is_due_again(taped):
    outcomes = list(replay(taped(purchases)))
    assert differing(outcomes) == {}
    assert [outcome.what for outcome in outcomes[-2:]] == ["order event 1", "order event 2"]


@pytest.mark.parametrize("terms", [{"seed": None}, {"stopped": False}])
def test_without_a_seed_or_with_a_running_clock_only_ids_and_times_differ(taped, terms):
    assert differing(replay(taped(purchases, **terms))) == {}


def test_another_shop_is_asked_with_its_own_ids_and_tokens_and_key(taped):
    tape = taped(purchases)
    tape = replace(tape, exchanges=tape.exchanges[:7])
    with opened(Settings(seed=99, clock=NOON)) as other:
        assert differing(replay_to(tape, other.url, other.api_key)) == {}
        assert [session["status"] for session in other.sessions] == ["completed"]
        assert differing(replay_to(tape, other.url, "wrong"))["1 POST /checkout_sessions"][0] == {
            "where": "status",
            "was": 201,
            "now": 401,
        }


def test_a_fault_that_came_in_since_is_found_where_it_is(taped):
    tape = taped(purchases)
    broken = replace(tape, header=replace(tape.header, faults=["amounts_are_decimals"]))
    found = differing(replay(broken))["1 POST /checkout_sessions"]
    assert {"where": "$.totals[0].amount", "was": 5000, "now": 50.0} in found


def test_faults_are_recorded_and_set_again(taped):
    tape = taped(purchases, fault=("amounts_are_decimals",))
    assert tape.header.faults == ["amounts_are_decimals"]
    assert differing(replay(tape)) == {}


def test_an_answer_that_never_came_does_not_come_again(taped):
    tape = taped(lambda shop: shop.open())
    silent = tape.exchanges[0] | {"reply": None}
    assert differing(replay(replace(tape, exchanges=[silent])))["1 POST /checkout_sessions"] == [
        {"where": "answer", "was": "none came", "now": 201}
    ]


def test_what_was_too_long_to_be_recorded_is_left_out(taped):
    tape = taped(lambda shop: shop.post("/checkout_sessions", content=b"x" * 2_000_000))
    short = replace(tape, exchanges=[tape.exchanges[0] | {"short": True}])
    (outcome,) = replay(short)
    assert outcome.to_dict() == {
        "what": "1 POST /checkout_sessions",
        "same": True,
        "differences": [],
        "left_out": "its body was too long to be recorded",
    }


def test_a_recording_of_another_catalogue_asks_for_it():
    tape = Tape(Header("0", "0", "http://x", {"at": NOON.isoformat()}, catalogue="sha256:0"), [], [])
    with pytest.raises(UsageError, match="name its file with --catalogue"):
        list(replay(tape))


def test_a_shop_that_cannot_be_called_is_named(taped):
    tape = taped(lambda shop: shop.open())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(UsageError, match=r"http://127\.0\.0\.1:\d+ cannot be called"):
            list(replay_to(tape, f"http://127.0.0.1:{free.getsockname()[1]}", "key"))


def test_ids_are_bound_where_a_reply_names_them_and_nowhere_else():
    bindings = Bindings("http://was", "http://now", "key")
    was = {"id": "one", "note": "x", "lines": [{"id": "li"}], "psp_id": "p", "token": "{{token_1}}", "item_ids": ["i"]}
    now = {"id": "two", "note": "y", "lines": [{"id": "L"}], "psp_id": "q", "token": "vt_new", "item_ids": ["j"]}
    bindings.learn(was, now)
    assert bindings.path("/s/one/x?q=one&r=none") == "/s/two/x?q=two&r=none"
    text = '{"a": "one", "b": "one more", "c": "{{token_1}}", "d": "li", "e": "x", "f": ["p", "i"], "g": "\\"one\\""}'
    sent = '{"a": "two", "b": "one more", "c": "vt_new", "d": "L", "e": "x", "f": ["q", "j"], "g": "\\"one\\""}'
    assert bindings.text(text) == sent
    assert bindings.told("http://was/path") == "http://now/path"
    assert bindings.veil.body(b'{"x":"vt_new"}') == '{"x":"{{token_1}}"}'


@pytest.mark.parametrize(
    ("was", "now", "loose", "exact"),
    [
        ({"a": 1}, {"a": 1}, [], []),
        ({"a": 1}, {"a": True}, ["$.a"], ["$.a"]),
        ({"a": 1}, {}, ["$.a"], ["$.a"]),
        ({}, {"a": None}, ["$.a"], ["$.a"]),
        ({"a": [1, 2]}, {"a": [1]}, ["$.a[1]"], ["$.a[1]"]),
        ({"a": "2026-05-06T12:00:00Z"}, {"a": "2026-05-06T12:00:01+00:00"}, [], ["$.a"]),
        ({"a": "2026-05-06T12:00:00Z"}, {"a": "soon"}, ["$.a"], ["$.a"]),
        ({"a": "{{token_1}}"}, {"a": "{{token_2}}"}, [], ["$.a"]),
        ({"a": "{{token_1}}"}, {"a": "{{key_1}}"}, ["$.a"], ["$.a"]),
    ],
)
def test_bodies_are_compared_member_by_member(was, now, loose, exact):
    texts = json.dumps(was), json.dumps(now)
    assert [d.where for d in Comparison(str).bodies(*texts)] == loose
    assert [d.where for d in Comparison(str, exact=True).bodies(*texts)] == exact


def test_bodies_that_are_no_json_or_written_otherwise_differ_as_a_whole():
    assert [d.where for d in Comparison(str).bodies("<p>", "<b>")] == ["body"]
    assert [d.where for d in Comparison(str).bodies('{"a":1}', '{"a": 1}')] == []
    assert [d.where for d in Comparison(str, exact=True).bodies('{"a":1}', '{"a": 1}')] == ["body, as it is written"]


def test_replies_are_compared_by_status_headers_and_whether_they_came_whole():
    was = {"status": 200, "whole": True, "headers": [["date", "x"], ["request-id", "1"], ["a", "1"]], "body": ""}
    now = {"status": 201, "whole": False, "headers": [["date", "y"], ["request-id", "2"], ["b", "1"]], "body": ""}
    loose = ["status", "whole", "header a", "header b"]
    assert [d.where for d in Comparison(str).replies(was, now)] == loose
    assert [d.where for d in Comparison(str, exact=True).replies(was, now)] == [
        *loose[:2],
        "header request-id",
        *loose[2:],
    ]
    assert Comparison(str).replies(None, None) == []


def test_an_answer_that_is_cut_off_or_no_json_is_compared_as_far_as_it_came(taped):
    async def cut(asked, go):
        return Reply(200, (("content-type", "text/html"),), b"<p>0123456789</p>", Manner.TRUNCATED)

    tape = taped(lambda shop: shop.http.get("/no-such-page"))
    recorded = tape.exchanges[0] | {"reply": {"status": 200, "headers": [], "body": "<p>", "whole": True}}
    with bind("127.0.0.1", 0) as listener, serving(Stage(PlainTextResponse(), lambda asked: [cut]), listener) as url:
        found = differing(replay_to(replace(tape, exchanges=[recorded]), url, "key"))["1 GET /no-such-page"]
    assert [d for d in found if not d["where"].startswith("header")] == [
        {"where": "whole", "was": True, "now": False},
        {"where": "body", "was": "<p>", "now": "<p>01234"},
    ]


def test_scenarios_are_recorded_and_hold_again(taped):
    def declined(shop):
        session = shop.open()
        assert shop.pay(session, shop.mint(session))["messages"][-1]["code"] == "payment_declined"

    tape = taped(declined, scenario=("declined",))
    assert tape.header.scenarios == ["declined"]
    assert differing(replay(tape)) == {}
