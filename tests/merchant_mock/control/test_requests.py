"""The journal of requests over the control API."""

from __future__ import annotations

import os
import re
import subprocess
from typing import Any

import httpx
import jsonschema
import pytest

from acp.errors import NotFound
from merchant_mock.control.client import Control
from merchant_mock.journal.curl import _LEFT_OUT
from tests.merchant_mock.control.conftest import NOON, Agent, Shops

NEW = "/checkout_sessions"
CARD = "4242424242424242"

TEXT, NUMBER, PAIRS = {"type": "string"}, {"type": "number"}, {"type": "array", "items": {"$ref": "#/$defs/pair"}}


def _object(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(members), "properties": members}


HAR = {  # what HAR 1.2 requires, from its own text
    "$defs": {
        "pair": _object(name=TEXT, value=TEXT),
        "entry": _object(
            startedDateTime={"type": "string", "format": "date-time"},
            time={"type": "number", "minimum": 0},
            request=_object(
                method=TEXT, url={"type": "string", "format": "uri"}, httpVersion=TEXT, cookies=PAIRS, headers=PAIRS,
                queryString=PAIRS, headersSize=NUMBER, bodySize=NUMBER,
            ) | {"dependentSchemas": {}},
            response=_object(
                status=NUMBER, statusText=TEXT, httpVersion=TEXT, cookies=PAIRS, headers=PAIRS,
                content=_object(size=NUMBER, mimeType=TEXT), redirectURL=TEXT, headersSize=NUMBER, bodySize=NUMBER,
            ),
            cache={"type": "object"},
            timings=_object(send=NUMBER, wait=NUMBER, receive=NUMBER),
        ),
    },
    **_object(
        log=_object(
            version={"const": "1.2"},
            creator=_object(name=TEXT, version=TEXT),
            entries={"type": "array", "items": {"$ref": "#/$defs/entry"}},
        )
    ),
}  # fmt: skip


def body(**members: Any) -> dict[str, Any]:
    return {"line_items": [{"id": "soap"}], "currency": "usd", "capabilities": {}} | members


def broke(control: Control) -> dict[str, Any]:
    (request,) = control.requests(refused=True)
    return dict(request["broke"])


def test_each_is_told_as_it_went_over_the_wire(control: Control, agent: Agent) -> None:
    session = agent.open("soap")
    (told,) = control.requests()
    assert (told["id"], told["method"], told["url"], told["status"]) == (1, "POST", NEW, 201)
    assert (told["at"], told["milliseconds"], told["whole"]) == (NOON.isoformat(), 0, True)
    assert told["session_id"] == session["id"]
    assert told["reply"]["body"] == agent.get(f"{NEW}/{session['id']}").text
    assert ["api-version", "2026-04-17"] in told["request"]["headers"]
    assert control.request(1) == told


def test_no_secret_is_in_it(shops: Shops, agent: Agent) -> None:
    session = agent.open("soap")
    card = {"type": "card", "number": CARD, "cvc": "987", "exp_month": "12"}
    agent.post("/agentic_commerce/delegate_payment", {"payment_method": card})
    agent.post(f"{NEW}/{session['id']}", {"note": f"my card is {CARD}"})
    shops.http.post(f"{shops.url}{NEW}?token=vt_1234567890", content=f'{{"number": "{CARD}", "cvc": "987"')
    for form in ("requests", "requests?as=har", "requests?as=curl"):
        text = shops.http.get(f"{shops.url}/_mock/{form}").text
        assert agent.key not in text
        assert CARD not in text
        assert "987" not in text
        assert "1234567890" not in text


def test_they_are_found_by_what_they_are(control: Control, agent: Agent) -> None:
    first, second = agent.open("soap"), agent.open("candle", order_notes="ring twice")
    agent.get(f"{NEW}/{first['id']}")
    agent.post(NEW, {}, **{"X-Mine": "a needle in it"})
    control.advance(60)
    agent.get("/nowhere?q=1")

    def ids(**which: Any) -> list[int]:
        found = [request["id"] for request in control.requests(**which)]
        assert control.count(**which) == len(found)
        return found

    assert ids() == [1, 2, 3, 4, 5]
    assert ids(method="get") == [3, 5]
    assert ids(path=f"{NEW}/*") == [3]
    assert ids(path="/nowhere") == [5]
    assert ids(status=201) == [1, 2]
    assert ids(status="4xx") == [4, 5]
    assert ids(session=second["id"]) == [2]
    assert ids(session=first["id"]) == [1, 3]
    assert ids(header="x-mine") == [4]
    assert ids(header="X-Mine: needle") == [4]
    assert ids(header="x-mine: hay") == []
    assert ids(text="ring twice") == [2]
    assert ids(since="2026-05-06T12:00:30Z") == [5]
    assert ids(after=3) == [4, 5]
    assert ids(refused=True) == [4, 5]
    assert ids(refused=False, method="POST") == [1, 2]
    assert [request["id"] for request in control.requests(limit=2)] == [4, 5]


def test_forgotten_they_are_gone(control: Control, agent: Agent) -> None:
    agent.open("soap")
    control.forget_requests()
    assert control.requests() == []
    with pytest.raises(NotFound):
        control.request(1)
    agent.open("soap")
    assert [request["id"] for request in control.requests()] == [1]


def test_order_events_to_its_own_inbox_are_in_it_and_the_control_api_is_not(shops: Shops) -> None:
    key = shops.control.new_key(webhook_url=f"{shops.url}/agentic_checkout/webhooks/order_events")
    with Control(key["base_url"]) as tenant:
        tenant.place_order("soap")
        assert tenant.requests() == []
    (event,) = shops.control.requests()
    assert (event["url"], event["status"]) == ("/agentic_checkout/webhooks/order_events", 200)
    assert ["merchant-signature", "***"] in event["request"]["headers"]


# The rule that a refused request broke


def test_a_member_that_is_missing(control: Control, agent: Agent) -> None:
    agent.post(NEW, {"line_items": [{"id": "soap"}], "capabilities": {}})
    assert broke(control) == {
        "says": "The body has every member that its definition requires.",
        "section": "rfc.agentic_checkout §3.1, JSON Schema of the definition",
        "definition": "checkout.CheckoutSessionCreateRequest",
        "keyword": "required",
        "at": "$.currency",
        "expected": "'currency' is required.",
    }


@pytest.mark.parametrize(
    ("members", "keyword", "at", "found"),
    [
        ({"currency": 7}, "type", "$.currency", 7),
        ({"surprise": {"a": 1}}, "additionalProperties", "$.surprise", {"a": 1}),
        ({"buyer": {"email": "ada"}}, "format", "$.buyer.email", "ada"),
        ({"line_items": []}, "minItems", "$.line_items", []),
    ],
)
def test_a_value_that_does_not_fit(
    control: Control, agent: Agent, members: dict[str, Any], keyword: str, at: str, found: Any
) -> None:
    agent.post(NEW, body(**members))
    told = broke(control)
    assert (told.get("keyword"), told["at"], told["found"]) == (keyword, at, found), told


def test_a_secret_that_does_not_fit_is_not_told(control: Control, agent: Agent) -> None:
    agent.post("/agentic_commerce/delegate_payment", {"payment_method": {"number": 4242424242424242}})
    agent.post(NEW, body(currency="4242424242424242 is my card"))
    told = [request["broke"] for request in control.requests(refused=True)]
    assert CARD not in str(told)


def test_a_long_value_is_told_in_short(control: Control, agent: Agent) -> None:
    agent.post(NEW, body(currency=[7] * 500))
    assert broke(control)["found"] == "list of 1500 characters"


@pytest.mark.parametrize(
    ("left_out", "header", "sent"),
    [
        ({"Authorization": "Basic x"}, "Authorization", "Basic ***"),
        ({"Authorization": "Bearer nobody"}, "Authorization", "Bearer ***"),
        ({"API-Version": "2019-01-01"}, "API-Version", "2019-01-01"),
        ({"Idempotency-Key": ""}, "Idempotency-Key", ""),
        ({"Content-Type": "text/plain"}, "Content-Type", "text/plain"),
    ],
)
def test_a_header_that_is_missing_or_wrong(
    control: Control, agent: Agent, left_out: dict[str, str], header: str, sent: str
) -> None:
    agent.post(NEW, body(), **left_out)
    told = broke(control)
    assert (told["header"], told["sent"]) == (header, sent)
    assert told["requirement"].startswith("checkout.")


def test_a_header_that_did_not_come(shops: Shops) -> None:
    shops.http.post(f"{shops.url}{NEW}", json=body())
    assert broke(shops.control)["sent"] is None


@pytest.mark.parametrize(
    ("method", "path", "nearest"),
    [
        ("POST", "/checkout_session", "POST /checkout_sessions"),
        ("GET", "/well-known/acp.json", "GET /.well-known/acp.json"),
        ("PUT", "/checkout_sessions/cs_1/complete", "POST /checkout_sessions/{checkout_session_id}/complete"),
        ("POST", "/delegate_payment", "POST /agentic_commerce/delegate_payment"),
        ("PATCH", f"/checkout_sessions/cs_{32 * 'f'}", "POST /checkout_sessions/{checkout_session_id}"),
    ],
)
def test_an_endpoint_that_there_is_not(shops: Shops, method: str, path: str, nearest: str) -> None:
    shops.http.request(method, shops.url + path)
    assert broke(shops.control)["nearest"] == nearest


def test_a_session_that_there_is_not_or_is_over(control: Control, agent: Agent) -> None:
    agent.get(f"{NEW}/cs_1")
    session = agent.open("soap")
    agent.post(f"{NEW}/{session['id']}/cancel", {})
    agent.post(f"{NEW}/{session['id']}/cancel", {})
    unknown, over = (request["broke"] for request in control.requests(refused=True))
    assert (unknown["section"], over["section"]) == ("rfc.agentic_checkout §4.3", "rfc.agentic_checkout §4.5")


def test_an_event_with_a_wrong_signature(shops: Shops) -> None:
    wrong = {"Merchant-Signature": "t=1,v1=" + "0" * 64}
    shops.http.post(f"{shops.url}/agentic_checkout/webhooks/order_events", json={}, headers=wrong)
    told = broke(shops.control)
    assert (told["header"], told["sent"]) == ("Merchant-Signature", "***")


def test_what_no_rule_is_known_for_and_what_was_the_shops_fault_tell_none(shops: Shops, control: Control) -> None:
    shops.agent.post(NEW, body(currency="xxx"))
    shops.http.get(f"{shops.url}/sessions/nobody/approve")
    assert all(request["status"] >= 400 for request in control.requests())
    assert [request.get("broke") is None for request in control.requests()][1]


# As curl


def run(line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, check=True, env=os.environ | variables, timeout=20
    )


@pytest.mark.parametrize(
    "notes",
    ['it\'s "quoted" $HOME `id` \\ !x', "two\nlines\tand \x1b[31mred\u202e", "Ünïcödé €", "' $(touch /tmp/x) '"],
)
def test_a_line_pasted_into_a_shell_asks_the_same_again(control: Control, agent: Agent, notes: str) -> None:
    agent.post(NEW, body(order_notes=notes), **{"X-Odd": 'it\'s; "odd" $HOME'})
    line = control.curl(1)
    assert line.replace("\n", "").isprintable()
    assert '"$ACP_API_KEY"' in line
    answered = run(line, ACP_API_KEY=agent.key)
    assert "201" in answered.stdout.splitlines()[0]
    first, again = control.requests()
    assert again["request"]["body"] == first["request"]["body"]
    assert again["status"] == first["status"] == 201
    assert ["x-odd", 'it\'s; "odd" $HOME'] in again["request"]["headers"]


def chosen(request: Any) -> list[list[str]]:
    """The headers of a request that its caller chose."""
    return sorted(pair for pair in request["request"]["headers"] if pair[0] not in _LEFT_OUT)


@pytest.mark.parametrize(
    ("method", "headers", "content"),
    [
        ("POST", {"content-type": "application/json"}, b"@/etc/hostname"),
        ("POST", {"content-type": "application/json"}, b'{\n  "a": 1\r\n}\n'),
        ("POST", {"content-type": "application/json", "idempotency-key": ""}, b"{}"),
        ("POST", {"x-odd": "@/etc/hostname"}, b"{}"),
        ("POST", {}, b"\x1b'!!'"),
        ("POST", {}, b""),
        ("HEAD", {}, b""),
        ("DELETE", {}, b"-d @x"),
    ],
)
def test_a_line_leaves_nothing_out_and_adds_nothing(
    shops: Shops, method: str, headers: dict[str, str], content: bytes
) -> None:
    with httpx.Client(base_url=shops.url) as http:
        request = http.build_request(method, NEW, headers=headers, content=content)
        http.send(request)
    line = shops.control.curl(1)
    run(line)
    first, again = shops.control.requests()
    assert (again["method"], again["request"]["body"]) == (method, first["request"]["body"])
    assert chosen(again) == chosen(first)
    assert (again["status"], again["reply"]["body"]) == (first["status"], first["reply"]["body"])


def test_secrets_of_a_body_are_variables_too(control: Control, agent: Agent) -> None:
    session = agent.open("soap")
    card = {"type": "card", "card_number_type": "fpan", "number": CARD, "exp_month": "12", "exp_year": "2199",
            "cvc": "987", "display_card_funding_type": "credit", "metadata": {}}  # fmt: skip
    allowance = {"reason": "one_time", "max_amount": 1000, "currency": "usd", "checkout_session_id": session["id"],
                 "merchant_id": "merchant_quillmoor", "expires_at": "2026-05-07T12:00:00Z"}  # fmt: skip
    delegation = {"payment_method": card, "allowance": allowance, "risk_signals": [], "metadata": {}}
    assert agent.post("/agentic_commerce/delegate_payment", delegation).status_code == 201
    line = control.curl(2)
    assert {"$ACP_CARD_NUMBER", "$ACP_CARD_CVC"} <= set(re.findall(r"\$\w+", line))
    answered = run(line, ACP_API_KEY=agent.key, ACP_CARD_NUMBER=CARD, ACP_CARD_CVC="987")
    assert "201" in answered.stdout.splitlines()[0]
    paying = {"type": "card", "credential": {"type": "spt", "token": "vt_12345"}}
    agent.post(
        f"{NEW}/{session['id']}/complete", {"payment_data": {"handler_id": "handler_card", "instrument": paying}}
    )
    assert '"$ACP_TOKEN"' in control.curl(control.requests()[-1]["id"])


def test_paths_that_try_to_say_something_else_are_quoted(shops: Shops) -> None:
    with httpx.Client() as http:
        http.get(f"{shops.url}/a%0a%1b%5b31m/%27;id;%27/..%2f..?q=%27$(id)%27")
    line = shops.control.curl(1)
    assert line.replace("\n", "").isprintable()
    run(line)
    first, again = shops.control.requests()
    assert again["url"] == first["url"]


# As HAR


def test_an_archive_is_one(shops: Shops, control: Control) -> None:
    shops.agent.open("soap")
    shops.agent.get("/nowhere?a=1&b=")
    archive = control.har()
    jsonschema.Draft202012Validator(HAR, format_checker=jsonschema.FormatChecker()).validate(archive)
    first, second = archive["log"]["entries"]
    assert first["request"]["postData"]["mimeType"] == "application/json"
    assert second["request"]["queryString"] == [{"name": "a", "value": "1"}, {"name": "b", "value": ""}]
    assert second["response"]["status"] == 404
    assert len(control.har(status=404)["log"]["entries"]) == 1
    assert shops.http.get(f"{shops.url}/_mock/requests/1?as=har").json()["log"]["entries"] == [first]
