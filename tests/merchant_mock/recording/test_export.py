"""Recorded sessions as tests, which run and in which nothing from the wire is code."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from acp.errors import UsageError
from merchant_mock.recording.export import exported, session_of
from merchant_mock.recording.literals import WIDTH, Expression, literal
from tests.merchant_mock.recording.conftest import NOON
from tests.merchant_mock.testing.conftest import run

__all__ = ["run"]

EVIL = [
    '"""); import os; os.system("touch pwned") #',
    "''' + __import__('os').system('touch pwned') + '''",
    '\\" + str(open("pwned", "w")) + \\"',
    "{__import__('os').system('touch pwned')}",
    "line\nbreak\r\n\ttab \x00 \x1b[31m",
    "\u2028\u202e\N{SNOWMAN} \N{PILE OF POO} {{api_key}}",
]


CALLS = {
    "acp_merchant.clock.advance", "answer.json", "answered.json", "codes", "created.json", "http.get", "http.post",
    "http.request", "httpx.Client", "message.get", "pytest.mark.acp_merchant", "totals", "updated.json",
}  # fmt: skip


def a_purchase(shop):
    session = shop.open()
    shop.post(f"/checkout_sessions/{session['id']}", {"line_items": [{"id": "unicorn"}]})
    shop.pay(session, shop.mint(session, "4000000000000002"))
    return shop.pay(session, shop.mint(session))


def id_of(tape):
    return json.loads(tape.exchanges[0]["reply"]["body"])["id"]


def test_a_purchase_becomes_a_test_that_runs_and_that_fails_when_the_shop_is_broken(taped, run):
    tape = taped(a_purchase)
    text = exported(tape, id_of(tape))
    assert 'clock="2026-05-06T12:00:00+00:00"' in text
    assert 'json()["code"] == "invalid_item_id"' in text
    assert 'codes(completed) == ["payment_declined"]' in text
    assert '("total", 5000)' in text
    ran = run(text)
    assert "1 passed" in ran.stdout, ran.stdout
    assert "1 failed" in run(text, "--acp-fault", "amounts_are_decimals").stdout


def test_a_session_is_found_by_its_order_and_what_is_not_recorded_is_refused(taped):
    orders = []
    tape = taped(lambda shop: orders.append(a_purchase(shop)["order"]["id"]))
    assert session_of(tape, orders[0]) == id_of(tape)
    with pytest.raises(UsageError, match='No session of the recording ends in the order "ord_none"'):
        session_of(tape, "ord_none")
    with pytest.raises(UsageError, match='The session "cs_none" is not in the recording'):
        exported(tape, "cs_none")


def test_only_what_belongs_to_the_session_is_in_its_test(taped, run):
    def two(shop):
        first, second = shop.open(), shop.open(line_items=[{"id": "ebook-knots"}])
        shop.pay(second, shop.mint(second))
        paid = shop.pay(first, shop.mint(first))
        shop.http.get(f"/orders/{paid['order']['id']}")

    tape = taped(two)
    text = exported(tape, id_of(tape))
    assert "ebook-knots" not in text
    assert text.count("/agentic_commerce/delegate_payment") == 1
    assert '"/orders/" + completed.json()["order"]["id"]' in text
    assert "1 passed" in run(text).stdout


def sending(evil):
    """What an agent does that means harm."""

    def send(shop):
        address = {
            "name": evil, "line_one": evil, "city": "Fresno", "state": "CA", "country": "US", "postal_code": "93701"
        }  # fmt: skip
        session = shop.open(fulfillment_details={"address": address}, metadata={evil: evil})
        shop.post(f"/checkout_sessions/{session['id']}", {evil: [evil, {evil: None}]})

    return send


def test_a_test_of_what_means_harm_runs_and_does_none(taped, run, tmp_path):
    tape = taped(sending(" ".join(EVIL)))
    ran = run(exported(tape, id_of(tape)))
    assert "1 passed" in ran.stdout, ran.stdout
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("evil", EVIL)
def test_what_a_client_sent_never_becomes_code(taped, evil):
    tape = taped(sending(evil))
    texts = [exported(tape, id_of(tape))]
    header = replace(tape.header, faults=[evil], variations=[evil], api_version=evil)
    session = {"id": evil, "status": evil, "line_items": [], "messages": [{"code": evil}], "totals": [{"type": evil}]}
    request = {"method": evil, "path": f"/checkout_sessions/{evil}", "headers": [[evil, evil]], "body": evil}
    for status, document in ((200, session | {"order": {"id": evil}}), (400, {"code": evil, "param": evil})):
        reply = {"status": status, "headers": [], "body": json.dumps(document)}
        created = {"request": request | {"method": "POST", "path": "/checkout_sessions"}, "reply": reply}
        created = tape.exchanges[0] | created | ({"reply": reply | {"body": json.dumps(session)}})
        asked = tape.exchanges[0] | {"request": request, "reply": reply}
        forged = replace(tape, header=header, exchanges=[created, asked])  # a recording that somebody wrote by hand
        texts.append(exported(forged, evil))
    for text in texts:
        calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}
        assert {call for call in calls if ".encode" not in call} <= CALLS


def test_secrets_are_not_in_the_test_and_it_runs_without_them(taped, run):
    def secretly(shop):
        session = shop.open()
        token = shop.mint(session, "4111111111111111", cvc="987")
        shop.pay(session, token)
        shop.post(f"/checkout_sessions/{session['id']}", {}, headers={"Authorization": "Bearer my-own-secret"})

    tape = taped(secretly)
    text = exported(tape, id_of(tape))
    assert not any(secret in text for secret in ("4111111111111111", "987", "my-own-secret", "acp_demo_key", "vt_"))
    ran = run(text)
    assert "1 passed" in ran.stdout, ran.stdout


def test_time_that_passed_passes_in_the_test_and_looks_at_a_payment_under_way_are_left_out(taped, run):
    def waiting(shop):
        session = shop.open()
        shop.pay(session, shop.mint(session, "4000000000000259"))
        shop.get(f"/checkout_sessions/{session['id']}")
        shop.advance(NOON + timedelta(seconds=90))
        shop.get(f"/checkout_sessions/{session['id']}")

    tape = taped(waiting)
    text = exported(tape, id_of(tape))
    assert "acp_merchant.clock.advance(seconds=90)" in text
    assert text.count("http.get") == 1
    assert "1 passed" in run(text).stdout


def test_requests_that_are_not_json_and_answers_that_did_not_come_are_written_too(taped, run):
    def oddly(shop):
        path = f"/checkout_sessions/{shop.open()['id']}"
        shop.post(path, content=b'{"a": 1, "a": 2}', headers={"Content-Type": "application/json"})
        shop.post(path, content=b"\xff\xfe", headers={"Content-Type": "application/json"})
        shop.http.request("PROPFIND", path)

    tape = taped(oddly)
    text = exported(tape, id_of(tape))
    assert 'content="{\\"a\\": 1' in text or 'content=\'{"a": 1, "a": 2}\'' in text
    assert 'http.request("PROPFIND"' in text
    ran = run(text)
    assert "1 passed" in ran.stdout, ran.stdout
    lost = replace(tape, exchanges=[*tape.exchanges[:1], tape.exchanges[1] | {"reply": None}])
    assert "with pytest.raises(httpx.TransportError):\n            http.post(" in exported(lost, id_of(tape))


def test_values_are_written_as_a_person_would_write_them():
    assert literal({"a": [1, None, True, 2.5, "it's"], "b": Expression("name")}) == (
        '{"a": [1, None, True, 2.5, "it\'s"], "b": name}'
    )
    assert literal('say "no"') == "'say \"no\"'"
    assert literal([("a", 1)]) == '[("a", 1)]'
    long = literal({"a": "x" * WIDTH, "b": ["y" * WIDTH]}, 4)
    assert (
        long == f'{{\n        "a": "{"x" * WIDTH}",\n        "b": [\n            "{"y" * WIDTH}",\n        ],\n    }}'
    )
    assert literal([], WIDTH) == "[]"
