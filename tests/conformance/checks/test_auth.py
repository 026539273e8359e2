"""Plain http at a public host: who serves a session there is found, and whoever asks for a credential first too."""

from __future__ import annotations

import httpx
import pytest

from conformance.checks import auth
from conformance.findings import Broken, NotApplicable
from tests.conformance.checks.shops import SESSION, trial


def served(in_the_clear):
    """A shop that serves sessions over https, and over http what a function says."""

    def answer(request):
        return httpx.Response(201, json=SESSION) if request.url.scheme == "https" else in_the_clear(request)

    return answer


def refuse(request):
    raise httpx.ConnectError("refused")


@pytest.mark.parametrize(
    "in_the_clear",
    [
        refuse,
        lambda request: httpx.Response(301, headers={"location": "https://shop.example.com"}),
        lambda request: httpx.Response(403, json={}),
        lambda request: httpx.Response(401, json={}),
    ],
)
async def test_who_shows_nothing_in_the_clear_is_right(in_the_clear):
    await auth.nothing_is_served_in_the_clear(trial(served(in_the_clear)))


async def test_a_session_in_the_clear_is_found():
    with pytest.raises(Broken, match=r"shown in the clear, at http://shop\.example\.com/checkout_sessions/cs_1"):
        await auth.nothing_is_served_in_the_clear(trial(served(lambda request: httpx.Response(200, json=SESSION))))


async def test_a_session_in_the_clear_is_found_behind_a_credential():
    def asks(request):
        return httpx.Response(200, json=SESSION) if "authorization" in request.headers else httpx.Response(401)

    with pytest.raises(Broken, match="shown in the clear"):
        await auth.nothing_is_served_in_the_clear(trial(served(asks)))


async def test_no_credential_is_sent_in_the_clear_to_who_does_not_ask_for_one():
    told = []

    def listens(request):
        told.append("authorization" in request.headers)
        return httpx.Response(404, json={})

    await auth.nothing_is_served_in_the_clear(trial(served(listens)))
    assert told == [False]


async def test_a_public_shop_that_is_only_there_in_the_clear_is_found():
    shop = trial(lambda request: httpx.Response(201, json=SESSION), "http://shop.example.com")
    with pytest.raises(Broken, match="opened in the clear"):
        await auth.nothing_is_served_in_the_clear(shop)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "https://localhost"])
async def test_a_shop_on_this_machine_need_not_speak_tls(url):
    shop = trial(lambda request: httpx.Response(201, json=SESSION), url)
    for probe in (auth.nothing_is_served_in_the_clear, auth.tls_1_3_is_spoken, auth.tls_1_2_is_not_spoken):
        with pytest.raises(NotApplicable, match="is not on the public internet"):
            await probe(shop)
