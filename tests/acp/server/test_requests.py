"""What is checked before any business: key, version, limits, media type, JSON, schema, and how refusals look."""

import json
from dataclasses import replace

import pytest

from acp.server import Limits
from tests.acp.server.conftest import CREATE, READY


def flat(response, status, code):
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code), response.text
    assert body["type"] == "invalid_request"
    assert isinstance(body["message"], str)
    assert response.headers["content-type"] == "application/json"
    return body


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Basic a2V5LTE=", "Bearer nobody", "key-1"])
async def test_a_request_without_a_known_bearer_token_is_refused(shopping, authorization):
    headers = shopping.headers("k")
    del headers["Authorization"]
    if authorization is not None:
        headers["Authorization"] = authorization
    for response in (
        await shopping.http.post("/checkout_sessions", json=CREATE, headers=headers),
        await shopping.http.get("/checkout_sessions/cs_1", headers=headers),
    ):
        flat(response, 401, "unauthorized")
        assert response.headers["www-authenticate"] == "Bearer"


async def test_keys_may_be_looked_up_by_an_async_callable(open_shop):
    async def lookup(token):
        return "somebody" if token == "secret" else None

    async with open_shop(keys=lookup) as shopping:
        assert (await shopping.post("/checkout_sessions", CREATE, token="secret")).status_code == 201
        assert (await shopping.post("/checkout_sessions", CREATE, token="other")).status_code == 401


@pytest.mark.parametrize(
    ("version", "code"),
    [
        (None, "missing_api_version"),
        ("", "missing_api_version"),
        ("2020-01-01", "unsupported_api_version"),
        ("latest", "unsupported_api_version"),
    ],
)
async def test_a_version_that_is_not_spoken_is_refused_with_those_that_are(shopping, version, code):
    headers = shopping.headers("k")
    del headers["API-Version"]
    if version is not None:
        headers["API-Version"] = version
    body = flat(await shopping.http.post("/checkout_sessions", json=CREATE, headers=headers), 400, code)
    assert body["supported_versions"] == ["2026-04-17"]
    response = await shopping.http.get("/checkout_sessions/cs_1", headers=headers)
    flat(response, 400, code)


async def test_a_body_over_the_limit_is_refused_whether_or_not_its_length_is_declared(open_shop):
    async with open_shop(limits=Limits(body=2000)) as shopping:
        big = json.dumps({**CREATE, "metadata": {"note": "x" * 2000}}).encode()
        headers = shopping.headers("k") | {"Content-Type": "application/json"}
        flat(await shopping.http.post("/checkout_sessions", content=big, headers=headers), 413, "body_too_large")

        async def chunks():
            for start in range(0, len(big), 500):
                yield big[start : start + 500]

        flat(await shopping.http.post("/checkout_sessions", content=chunks(), headers=headers), 413, "body_too_large")


async def test_headers_over_the_limit_are_refused(open_shop):
    async with open_shop(limits=Limits(headers=1000)) as shopping:
        response = await shopping.post("/checkout_sessions", CREATE, X_Noise="n" * 1000)
        flat(response, 431, "headers_too_large")


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/json; charset=latin-1", "application/xml"])
async def test_a_body_that_is_not_declared_as_json_is_refused(shopping, content_type):
    headers = shopping.headers("k") | ({"Content-Type": content_type} if content_type else {})
    response = await shopping.http.post("/checkout_sessions", content=json.dumps(CREATE).encode(), headers=headers)
    flat(response, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "malformed_json"),
        (b'{"currency":"usd","currency":"eur"}', "duplicate_member"),
        (
            b'{"line_items":[{"id":"mug","unit_amount":9007199254740993}],"currency":"usd","capabilities":{}}',
            "number_too_large",
        ),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "too_deep"),
    ],
)
async def test_json_that_cannot_be_read_exactly_is_refused(shopping, body, code):
    headers = shopping.headers("k") | {"Content-Type": "application/json"}
    flat(await shopping.http.post("/checkout_sessions", content=body, headers=headers), 400, code)


async def test_an_empty_body_is_refused_where_one_is_needed(shopping):
    headers = shopping.headers("k") | {"Content-Type": "application/json"}
    flat(await shopping.http.post("/checkout_sessions", content=b"", headers=headers), 400, "missing")


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing", None),
        ([], "invalid", "$"),
        ({**CREATE, "line_items": []}, "invalid", "$.line_items"),
        ({**CREATE, "line_items": [{}]}, "missing", "$.line_items[0].id"),
        ({**CREATE, "line_items": [{"id": 5}]}, "invalid", "$.line_items[0].id"),
        ({**CREATE, "line_items": [{"id": "mug", "quantity": 0}]}, "invalid", "$.line_items[0].quantity"),
        ({**CREATE, "items": []}, "unknown", "$.items"),
        ({**CREATE, "buyer": {"email": "nonsense"}}, "invalid", "$.buyer.email"),
        ({**CREATE, "odd name": 1}, "unknown", "$['odd name']"),
    ],
)
async def test_a_body_that_breaks_the_schema_is_refused_with_the_place(shopping, body, code, param):
    refusal = flat(await shopping.post("/checkout_sessions", body), 400, code)
    assert refusal["param"].startswith("$")
    if param is not None:
        assert refusal["param"] == param
    assert shopping.shop.requests == []


async def test_what_only_the_readings_allow_is_refused_by_a_strict_server(open_shop):
    wish = {**CREATE, "line_items": [{"id": "mug", "quantity": 2}]}
    async with open_shop(strict=True) as shopping:
        flat(await shopping.post("/checkout_sessions", wish), 400, "unknown")
    async with open_shop() as shopping:
        assert (await shopping.create(wish))["line_items"][0]["quantity"] == 2


async def test_an_unknown_path_or_method_is_a_flat_error_too(shopping):
    flat(await shopping.get("/nothing/here"), 404, "not_found")
    response = await shopping.http.delete("/checkout_sessions", headers=shopping.headers("k"))
    flat(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "POST"


async def test_a_trailing_slash_is_another_path(shopping):
    flat(await shopping.post("/checkout_sessions/", CREATE), 404, "not_found")


async def test_a_method_a_path_does_not_have_is_answered_with_those_it_has(shopping):
    response = await shopping.http.delete("/checkout_sessions/cs_1", headers=shopping.headers("k"))
    flat(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "GET, HEAD, POST"  # in the same order in every process


async def test_head_answers_as_get_without_a_body(shopping):
    session = await shopping.create()
    response = await shopping.http.head(f"/checkout_sessions/{session['id']}", headers=shopping.headers())
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("id", ["x" * 600, "a%09b", "%00", "%2e%2e", "é"])
async def test_an_id_that_cannot_be_one_is_not_found(shopping, id):
    session = await shopping.create()
    for path in (id, f"{session['id']}%09"):
        flat(await shopping.post(f"/checkout_sessions/{path}", {}, key="q"), 404, "not_found")
    assert (await shopping.post(f"/checkout_sessions/{session['id']}", {}, key="q")).status_code == 200


async def test_request_id_and_key_are_echoed_on_success_and_on_refusal(shopping):
    for body, status in ((CREATE, 201), ({}, 400)):
        response = await shopping.post("/checkout_sessions", body, key=f"key-{status}", Request_Id="req-7")
        assert response.status_code == status
        assert response.headers["request-id"] == "req-7"
        assert response.headers["idempotency-key"] == f"key-{status}"


async def test_a_read_echoes_only_the_request_id(shopping):
    session = await shopping.create()
    headers = shopping.headers("k") | {"Request-Id": "r"}
    response = await shopping.http.get(f"/checkout_sessions/{session['id']}", headers=headers)
    assert response.headers["request-id"] == "r"
    assert "idempotency-key" not in response.headers


async def test_a_failing_backend_is_a_flat_500_that_says_nothing_of_its_inside(shopping):
    shopping.shop.prices["mug"] = "not money"
    response = await shopping.post("/checkout_sessions", READY)
    assert response.status_code == 500
    assert response.json() == {
        "type": "processing_error",
        "code": "internal_error",
        "message": "The server failed. The request may be sent again with the same key.",
    }


async def test_an_answer_the_protocol_does_not_allow_never_leaves_and_changes_nothing(shopping, caplog):
    session = await shopping.create()
    shopping.shop.change_quote = lambda quote: replace(
        quote, line_items=[{**line.to_dict(), "colour": "blue"} for line in quote.line_items]
    )
    response = await shopping.update(session["id"], {"line_items": [{"id": "mug"}]})
    assert response.status_code == 500
    assert "CheckoutSession is not valid at $.line_items[0].colour" in caplog.text
    assert await shopping.retrieve(session["id"]) == session


async def test_discovery_is_not_led_astray_by_a_host_that_is_none(shopping):
    response = await shopping.http.get("/.well-known/acp.json", headers={"Host": "not a host"})
    assert response.json()["api_base_url"] == str(shopping.http.base_url).rstrip("/")


async def test_discovery_is_public_cacheable_and_names_where_the_api_is(shopping):
    response = await shopping.http.get("/.well-known/acp.json")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "public, max-age=3600"
    document = response.json()
    assert document["protocol"] == {"name": "acp", "version": "2026-04-17", "supported_versions": ["2026-04-17"]}
    assert document["api_base_url"] == str(shopping.http.base_url).rstrip("/")
    assert document["transports"] == ["rest"]
    assert document["capabilities"]["services"] == ["checkout", "orders"]
    assert document["capabilities"]["supported_currencies"] == ["usd", "jpy"]
