"""The control API as a whole: it lists itself, refuses what it does not know, and then nothing has changed."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

import acp
from acp.errors import InvalidRequest, NotFound, ProtocolError
from merchant_mock.app import DEMO_KEY
from merchant_mock.control.client import Control
from merchant_mock.control.route import Route, schema, validator
from merchant_mock.control.routes import ROUTES
from tests.merchant_mock.control.conftest import JSON, Shops

CHANGING = [route for route in ROUTES if route.changes]
IDS = {"id": "t9"}


def snapshot(shops: Shops) -> list[Any]:
    """Everything that a refused call must not have changed."""
    control = shops.control
    return [
        control.clock(),
        control.stock(),
        control.sessions(),
        control.orders(),
        control.charges(),
        control.faults()["names"],
        control.variations()["names"],
        control.webhooks(),
        control.known_keys(),
        control.count(),
    ]


def send(shops: Shops, route: Route, content: bytes, **headers: str) -> httpx.Response:
    path = route.path.replace("{id}", "t9")
    return shops.http.request(route.method, f"{shops.url}/_mock{path}", content=content, headers=JSON | headers)


def test_it_lists_itself_and_its_schemas(shops: Shops, control: Control) -> None:
    listed = {(each["method"], each["path"]) for each in control.endpoints()}
    assert ("POST", "/_mock/reset") in listed
    assert ("POST", "/_mock/orders/{id}/ship") in listed
    assert len(listed) == len(ROUTES)
    definitions = shops.http.get(f"{shops.url}/_mock/schema").json()["$defs"]
    assert {name for route in ROUTES for name in (route.accepts, route.asks, route.answers)} <= set(definitions)


def test_the_way_in_needs_no_slash(shops: Shops) -> None:
    assert shops.http.get(f"{shops.url}/_mock").json() == shops.http.get(f"{shops.url}/_mock/").json()


def test_every_definition_is_used_and_closed() -> None:
    names = {name for route in ROUTES for name in (route.accepts, route.asks, route.answers)}
    text = json.dumps(schema())
    assert all(name in names or f"#/$defs/{name}" in text for name in schema()["$defs"])
    open_ones = {"Schema", "Purchase", "PaidPurchase"}  # documents of others
    assert all(
        definition.get("additionalProperties") is not None or name in open_ones
        for name, definition in schema()["$defs"].items()
    )


@pytest.mark.parametrize("route", CHANGING, ids=lambda route: f"{route.method} {route.path}")
def test_bad_input_is_refused_and_nothing_has_changed(shops: Shops, route: Route) -> None:
    shops.control.place_order("mug-blue")
    shops.agent.open("soap")
    before = snapshot(shops)
    bad = [b"[]", b"7", b"null", b'"text"', b"{", b'{"a": 1, "a": 2}', b'{"surprise_of_the_day": 1}', b"\xff\xfe"]
    for content in bad:
        answered = send(shops, route, content)
        assert answered.status_code == 400, (content, answered.text)
        assert set(answered.json()) <= {"type", "code", "message", "param"}
    assert send(shops, route, b"{}", **{"Content-Type": "text/plain"}).status_code == 415
    assert send(shops, route, b'{"a": "' + b"x" * 300_000 + b'"}').status_code == 413
    assert snapshot(shops) == before


@pytest.mark.parametrize(
    ("method", "path", "body", "param"),
    [
        ("POST", "/clock/advance", {}, "$"),
        ("POST", "/clock/advance", {"seconds": 1, "duration": "PT1S"}, "$"),
        ("POST", "/clock/advance", {"seconds": -1}, "$.seconds"),
        ("POST", "/clock/advance", {"seconds": "1"}, "$.seconds"),
        ("POST", "/clock/advance", {"seconds": 1e300}, None),
        ("POST", "/clock/advance", {"seconds": 5499999999}, "$"),
        ("POST", "/clock/advance", {"duration": "P1Y"}, "$.duration"),
        ("POST", "/clock/advance", {"duration": "PT"}, "$.duration"),
        ("POST", "/clock/advance", {"duration": "P1W2D"}, "$.duration"),
        ("POST", "/clock/advance", {"duration": "P1DT"}, "$.duration"),
        ("POST", "/clock/advance", {"duration": "P99999999999999999999D"}, "$"),
        ("PUT", "/clock", {}, "$"),
        ("PUT", "/clock", {"at": "noon"}, "$.at"),
        ("PUT", "/clock", {"at": "2026-05-06T12:00:00"}, "$.at"),
        ("PUT", "/clock", {"at": "9999-05-06T12:00:00Z"}, "$.at"),
        ("PUT", "/clock", {"at": "9999-12-31T23:59:60Z"}, "$.at"),
        ("PUT", "/clock", {"at": "0001-01-01T00:00:00+14:00"}, "$.at"),
        ("PUT", "/clock", {"at": "1969-12-31T23:59:59Z"}, "$.at"),
        ("PUT", "/clock", {"stopped": "yes"}, "$.stopped"),
        ("POST", "/seed/stock", {"stock": {"unicorn": 1}}, "$.stock"),
        ("POST", "/seed/stock", {"stock": {"mug-blue": 0, "unicorn": 1}}, "$.stock"),
        ("POST", "/seed/stock", {"stock": {"mug-blue": -1}}, "$.stock['mug-blue']"),
        ("POST", "/seed/stock", {"stock": {"mug-blue": 1.5}}, "$.stock['mug-blue']"),
        ("POST", "/seed/sessions", {"line_items": []}, "$.line_items"),
        ("POST", "/seed/sessions", {"line_items": [{"id": "unicorn"}]}, "$.line_items[0].id"),
        ("POST", "/seed/sessions", {"line_items": [{"id": "soap"}], "currency": 7}, "$.currency"),
        ("POST", "/seed/sessions", {"line_items": [{"id": "soap"}], "card": "4242424242424242"}, "$.card"),
        ("POST", "/seed/orders", {"line_items": [{"id": "unicorn"}]}, "$.line_items[0].id"),
        ("POST", "/seed/orders", {"line_items": [{"id": "clock-sold-out"}]}, "$"),
        ("POST", "/seed/orders", {"line_items": [{"id": "coffee-pallet"}]}, "$"),
        ("POST", "/seed/orders", {"line_items": [{"id": "soap"}], "card": "4242"}, "$.card"),
        ("POST", "/seed/orders", {"line_items": [{"id": "soap"}], "card": "4242424242424241"}, "$.card"),
        ("PUT", "/faults", {"names": ["nobody_knows_it"]}, "$.names"),
        ("PUT", "/faults", {"names": "all"}, "$.names"),
        ("PUT", "/faults", {"names": ["a", "a"]}, "$.names"),
        ("PUT", "/variations", {"names": ["nobody_knows_it"]}, "$.names"),
        ("POST", "/webhooks/redeliver", {"ids": [99]}, "$.ids"),
        ("POST", "/webhooks/redeliver", {"ids": []}, "$.ids"),
        ("POST", "/webhooks/delay", {}, "$.seconds"),
        ("POST", "/webhooks/delay", {"seconds": 0}, "$.seconds"),
        ("POST", "/webhooks/delay", {"seconds": 1, "count": "some"}, "$.count"),
        ("POST", "/webhooks/delay", {"seconds": 1, "count": -1}, "$.count"),
        ("POST", "/webhooks/duplicate", {"times": 1}, "$.times"),
        ("POST", "/webhooks/corrupt", {"what": "everything"}, "$.what"),
        ("POST", "/keys", {"seed": "seven"}, "$.seed"),
        ("POST", "/keys", {"clock": {}}, "$.clock"),
        ("POST", "/keys", {"clock": {"at": "9999-12-31T23:59:59Z"}}, "$.clock.at"),
        ("POST", "/keys", {"clock": {"at": "0001-01-01T00:00:00+14:00"}}, "$.clock.at"),
        ("POST", "/keys", {"webhook_url": "ftp://example.com"}, "$.webhook_url"),
        ("POST", "/keys", {"webhook_url": "http://"}, "$.webhook_url"),
        ("POST", "/keys", {"webhook_url": "http://127.0.0.1:99999/"}, "$.webhook_url"),
        ("POST", "/keys", {"webhook_url": "http://ada:pass@127.0.0.1/"}, "$.webhook_url"),
        ("POST", "/keys", {"webhook_secret": ""}, "$.webhook_secret"),
    ],
)
def test_a_bad_value_is_named_by_its_place(shops: Shops, method: str, path: str, body: Any, param: str) -> None:
    shops.control.place_order("mug-blue")
    before = snapshot(shops)
    answered = shops.http.request(method, f"{shops.url}/_mock{path}", json=body)
    assert (answered.status_code, answered.json().get("param")) == (400, param), answered.text
    assert snapshot(shops) == before


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/requests?surprise=1", "$.surprise"),
        ("/requests?limit=0", "$.limit"),
        ("/requests?limit=1001", "$.limit"),
        ("/requests?as=xml", "$.as"),
        ("/requests?status=abc", "$.status"),
        ("/requests?since=yesterday", "$.since"),
        ("/requests?since=9999-12-31T23:59:60Z", "$.since"),
        ("/requests?after=-1", "$.after"),
        ("/requests?refused=maybe", "$.refused"),
        ("/requests?limit=1&limit=2", None),
        ("/requests/count?as=har", "$.as"),
        ("/sessions?status=lost", "$.status"),
        ("/webhooks?state=lost", "$.state"),
        ("/clock?now=1", "$.now"),
    ],
)
def test_a_bad_query_is_refused(shops: Shops, path: str, param: str | None) -> None:
    answered = shops.http.get(f"{shops.url}/_mock{path}")
    assert (answered.status_code, answered.json().get("param")) == (400, param), answered.text


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/sessions/cs_1/", "/sessions/cs_1", "/orders/ord_1", "/webhooks/1", "/webhooks/x", "/requests/1",
     "/requests/x", "/requests/99999999999999999999", "/webhooks/99999999999999999999", "//", "/orders/ord_1/ship"],
)  # fmt: skip
def test_what_there_is_not_is_not_found(shops: Shops, path: str) -> None:
    answered = shops.http.get(f"{shops.url}/_mock{path}")
    assert answered.status_code == (405 if path.endswith("/ship") else 404)


def test_an_action_on_an_order_that_there_is_not_is_not_found(control: Control) -> None:
    with pytest.raises(NotFound):
        control.act("ord_1", "ship")
    with pytest.raises(NotFound):
        control.act("ord_1", "explode")


@pytest.mark.parametrize(
    ("path", "meant"),
    [("/orders/ord_1/shpi", "Did you mean ship?"), ("/requets", "Did you mean requests"), ("/far/away", None)],
)
def test_a_misspelled_path_is_told_what_is_near(shops: Shops, path: str, meant: str | None) -> None:
    said = shops.http.post(f"{shops.url}/_mock{path}", json={}).json()["message"]
    assert (meant in said) if meant else said.endswith("GET /_mock/ lists them."), said


def test_a_duration_that_is_none_is_told_how_one_is_written(shops: Shops) -> None:
    for text in ("1 day", "P", "P1Y", ""):
        said = shops.http.post(f"{shops.url}/_mock/clock/advance", json={"duration": text}).json()["message"]
        assert said == "A duration is like PT15M or P3DT2H, in weeks, or days and less."


def test_a_method_that_there_is_not_is_told_with_those_that_there_are(shops: Shops) -> None:
    answered = shops.http.patch(f"{shops.url}/_mock/clock", json={})
    assert (answered.status_code, answered.headers["allow"]) == (405, "GET, PUT")
    assert shops.http.head(f"{shops.url}/_mock/clock").status_code == 200


def test_an_unknown_key_is_refused(shops: Shops) -> None:
    for key in ("acp_tenant_nobody", "wr\u00f6ng"):
        answered = shops.http.get(
            f"{shops.url}/_mock/clock", headers={"Authorization": f"Bearer {key}".encode("latin-1")}
        )
        assert answered.status_code == 401
    assert shops.http.get(f"{shops.url}/_mock/clock", headers={"Authorization": "Basic x"}).status_code == 401
    with Control(shops.url, DEMO_KEY) as control:
        assert control.clock()["stopped"]


def test_the_protocol_stays_as_it_is_beside_it(shops: Shops) -> None:
    assert shops.http.get(f"{shops.url}/_mocking").status_code == 404
    assert shops.http.get(f"{shops.url}/livez").json() == {"status": "live"}


def test_its_own_failure_is_a_flat_error_and_a_line_in_the_log(
    shops: Shops, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(shops.street.first.stock, "left", fail)
    answered = shops.http.get(f"{shops.url}/_mock/stock")
    assert (answered.status_code, answered.json()["code"]) == (500, "internal_error")
    assert "a mistake of ours" in caplog.text


def test_health_and_version(shops: Shops, control: Control) -> None:
    assert control.version() == {"version": acp.__version__, "api_versions": ["2026-04-17"]}
    well = control.health()
    assert (well["status"], well["waiting"]) == ("ok", {"events": 0, "dead_letters": 0, "payments": 0})


def test_health_says_when_the_store_fails(shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    from acp.server.store import StoreUnavailable

    async def fail() -> None:
        raise StoreUnavailable("gone", retry_after=1)

    monkeypatch.setattr(shops.street.first.store, "probe", fail)
    assert shops.control.health()["status"] == "failing"
    assert validator("Health").problems(shops.control.health()) == []


def test_refusals_are_the_errors_of_the_protocol(control: Control) -> None:
    with pytest.raises(InvalidRequest) as refused:
        control.set_faults("nobody_knows_it")
    assert refused.value.param == "$.names"
    with pytest.raises(ProtocolError):
        control.drop_key("t1")
