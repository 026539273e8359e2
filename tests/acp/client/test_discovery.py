from __future__ import annotations

import logging

import pytest

from acp.client import AsyncClient, Client, exchange_of
from acp.errors import AcpError, NotFound, UnreadableAnswer

DOCUMENT = {
    "protocol": {"name": "acp", "version": "2026-04-17", "supported_versions": ["2026-04-17"]},
    "api_base_url": "https://api.shop.test/v1/",
    "transports": ["rest"],
    "capabilities": {"services": ["checkout"], "supported_currencies": ["eur"]},
}


def test_discovery_is_read_at_the_root_of_the_origin_without_credentials(httpx_mock):
    httpx_mock.add_response(method="GET", url="https://shop.test:8443/.well-known/acp.json", json=DOCUMENT)
    with Client("https://shop.test:8443/some/path", "secret") as client:
        document = client.discover()
    assert document.capabilities.services == ["checkout"]
    assert document.problems() == []
    headers = httpx_mock.get_requests()[0].headers
    assert not {"authorization", "api-version", "idempotency-key"} & set(headers)
    assert exchange_of(document).status == 200


def test_after_discovery_the_shop_is_asked_where_it_said(httpx_mock, session):
    httpx_mock.add_response(url="https://shop.test/.well-known/acp.json", json=DOCUMENT)
    httpx_mock.add_response(url="https://api.shop.test/v1/checkout_sessions/cs_1", json=session)
    with Client("https://shop.test", "k") as client:
        client.discover()
        assert client.base_url == "https://api.shop.test/v1"
        client.checkout_sessions.retrieve("cs_1")


async def test_the_awaited_client_discovers_too(httpx_mock):
    httpx_mock.add_response(url="https://shop.test/.well-known/acp.json", json=DOCUMENT)
    async with AsyncClient("https://shop.test") as client:
        await client.discover()
        assert client.base_url == "https://api.shop.test/v1"


@pytest.mark.parametrize(
    "named",
    [
        None,
        7,
        "",
        "api",
        "http://api.shop.test",
        "https://kim:pw@api.shop.test",
        "file:///etc/passwd",
        "https://api.shop.test\x7f",
        "https://xn--",
        "https://" + "a" * 70_000,
    ],
)
def test_the_key_does_not_follow_to_an_address_it_must_not_go_to(httpx_mock, caplog, named):
    httpx_mock.add_response(json=DOCUMENT | {"api_base_url": named})
    with Client("https://shop.test/acp", "k") as client, caplog.at_level(logging.WARNING):
        assert client.discover().get("api_base_url") == named
        assert client.base_url == "https://shop.test/acp"
    assert "no api_base_url that can be used" in caplog.text


def test_a_shop_without_tls_may_name_another_address_without_tls(httpx_mock):
    httpx_mock.add_response(json=DOCUMENT | {"api_base_url": "http://127.0.0.1:81/acp"})
    with Client("http://127.0.0.1:80") as client:
        client.discover()
        assert client.base_url == "http://127.0.0.1:81/acp"


def test_a_site_that_does_not_speak_the_protocol_is_an_error(httpx_mock):
    httpx_mock.add_response(status_code=404, json={})
    httpx_mock.add_response(status_code=200, text="<html>a shop for people</html>")
    with Client("https://shop.test") as client:
        with pytest.raises(NotFound):
            client.discover()
        with pytest.raises(UnreadableAnswer):
            client.discover()
        assert client.base_url == "https://shop.test"


@pytest.mark.parametrize("content", [b'{"message": "Nothing here.", "code": "not_found"}', b"{}", b"<html>"])
def test_a_site_without_a_discovery_document_is_told_with_what_was_asked(httpx_mock, content):
    httpx_mock.add_response(status_code=404, content=content)
    with Client("https://shop.test/acp") as client, pytest.raises(AcpError) as raised:
        client.discover()
    assert "GET https://shop.test/.well-known/acp.json answered 404" in str(raised.value)
