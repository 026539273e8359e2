"""`with_options`: a copy of a client that goes other ways over the same connections."""

from __future__ import annotations

import httpx
import pytest

from acp.client import AsyncClient, Client
from acp.errors import UsageError
from tests.acp.client.conftest import SHOP


def allowed(request):
    return request.extensions["timeout"]


def test_a_copy_has_its_options_and_leaves_the_original_alone(client, httpx_mock, session):
    httpx_mock.add_response(json=session, is_reusable=True)
    other = client.with_options(timeout=2, api_version="2027-01-01", headers={"Accept-Language": "de-CH"})
    other.checkout_sessions.retrieve("cs_1")
    client.checkout_sessions.retrieve("cs_1")
    theirs, ours = httpx_mock.get_requests()
    assert allowed(theirs) == {"connect": 2, "read": 2, "write": 2, "pool": 2}
    assert allowed(ours) == {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": 30.0}
    assert (theirs.headers["api-version"], ours.headers["api-version"]) == ("2027-01-01", "2026-04-17")
    assert theirs.headers["accept-language"] == "de-CH"
    assert "accept-language" not in ours.headers


def test_what_is_not_named_is_kept_from_copy_to_copy(client, httpx_mock, session):
    httpx_mock.add_response(json=session)
    copy = client.with_options(timeout=httpx.Timeout(9, connect=1)).with_options(headers={"X-Trace": "1"})
    copy.with_options(max_retries=1).checkout_sessions.retrieve("cs_1")
    (request,) = httpx_mock.get_requests()
    assert allowed(request) == {"connect": 1, "read": 9, "write": 9, "pool": 9}
    assert request.headers["x-trace"] == "1"
    assert request.headers["authorization"] == "Bearer sk_test_1"


def test_seconds_never_allow_more_than_five_to_connect(httpx_mock, session):
    httpx_mock.add_response(json=session)
    with Client(SHOP, "k", timeout=60) as client:
        client.checkout_sessions.retrieve("cs_1")
    assert allowed(httpx_mock.get_requests()[0]) == {"connect": 5.0, "read": 60, "write": 60, "pool": 60}


def test_connections_are_shared_and_only_the_original_closes_them(session):
    with Client(SHOP, "k") as client:
        with client.with_options(timeout=2) as other:
            assert other._http is client._http
        assert not client._http.is_closed
    with pytest.raises(UsageError, match="closed"):
        other.discover()


async def test_the_awaited_client_has_them_too(httpx_mock, session):
    httpx_mock.add_response(json=session)
    async with AsyncClient(SHOP, "k") as client:
        async with client.with_options(timeout=2, headers={"X-Trace": "1"}) as other:
            await other.checkout_sessions.retrieve("cs_1")
        assert not client._http.is_closed
    (request,) = httpx_mock.get_requests()
    assert (allowed(request)["read"], request.headers["x-trace"]) == (2, "1")


def test_a_copy_may_ask_another_provider(client, httpx_mock):
    httpx_mock.add_response(json={"id": "vt_1"})
    client.with_options(psp_url="https://psp.test", psp_key="pk_1").delegate_payment.create({}, {})
    (request,) = httpx_mock.get_requests()
    assert request.url.host == "psp.test"
    assert request.headers["authorization"] == "Bearer pk_1"


def test_a_copy_of_a_client_that_discovered_talks_to_the_same_address(httpx_mock, session):
    httpx_mock.add_response(json={"api_base_url": "https://api.shop.test/v1"})
    with Client(SHOP, "k") as client:
        client.discover()
        assert client.with_options(max_retries=0).base_url == "https://api.shop.test/v1"


def test_headers_do_not_go_to_the_origin_that_is_only_asked_who_it_is(httpx_mock):
    httpx_mock.add_response(json={"api_base_url": SHOP})
    with Client(SHOP, "k", headers={"X-Trace": "1"}) as client:
        client.discover()
    assert "x-trace" not in httpx_mock.get_requests()[0].headers


@pytest.mark.parametrize("name", ["Authorization", "idempotency-key", "API-Version", "Content-Type", "User-Agent"])
def test_a_header_that_the_client_writes_itself_is_refused(client, name):
    with pytest.raises(UsageError, match="written by the client"):
        client.with_options(headers={name: "x"})


@pytest.mark.parametrize("headers", [{"": "x"}, {"X Y": "x"}, {"X": "line\nend"}, {"X": "ü"}])
def test_a_header_that_none_can_be_is_refused(headers):
    with pytest.raises(UsageError, match="visible ASCII"):
        Client(SHOP, "k", headers=headers)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), 1e300, None, "5"])
def test_a_timeout_that_is_none_is_refused(client, timeout):
    with pytest.raises(UsageError, match="timeout"):
        client.with_options(timeout=timeout)


def test_a_client_of_the_caller_s_own_keeps_its_timeouts_and_puts_no_credentials_in_the_place_of_the_key(session):
    seen = []

    def answer(request):
        seen.append((request.headers.get("authorization"), allowed(request)["read"]))
        return httpx.Response(200, json=session)

    with httpx.Client(transport=httpx.MockTransport(answer), auth=("kim", "pw"), timeout=7) as http:
        client = Client(SHOP, "k", http_client=http)
        client.checkout_sessions.retrieve("cs_1")
        client.with_options(timeout=3).checkout_sessions.retrieve("cs_1")
        client.discover()
    assert seen == [("Bearer k", 7), ("Bearer k", 3), (None, 7)]


def test_an_option_that_nobody_knows_is_refused(client):
    with pytest.raises(TypeError, match="retries"):
        client.with_options(retries=3)
