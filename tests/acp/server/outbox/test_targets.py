"""Where order events may go: public addresses alone, whatever wraps them, whatever a name says the second time."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpcore
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from acp.server import LOOPBACK, Delivery, Deployment, Store, WebhookTarget, static_keys
from acp.server.outbox.attempt import Courier
from acp.server.outbox.network import CheckedNetwork, LookUps
from acp.server.outbox.targets import Refused, is_public, rules_for
from acp.server.store import Event
from tests.acp.server.outbox.receivers import receiving
from tests.acp.server.shop import START, Clock
from tests.certificates import self_signed

EVENT = Event(1, "agent one", "o1", b"{}", 0, None, START)

PUBLIC = [
    "93.184.215.14",
    "8.8.8.8",
    "100.63.255.255",
    "172.32.0.1",
    "2606:2800:220:1::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]
INSIDE = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.1.2.3", "168.63.129.16",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_may_be_called_over_https_only(text):
    rules_for("https", ()).check("shop.example", [ip_address(text)])
    with pytest.raises(Refused, match="may only be called over https"):
        rules_for("http", ()).check("shop.example", [ip_address(text)])


@pytest.mark.parametrize("text", INSIDE)
def test_an_address_of_the_inside_may_not_be_called(text):
    for scheme in ("http", "https"):
        with pytest.raises(Refused, match=r"shop\.example is at"):
            rules_for(scheme, ()).check("shop.example", [ip_address(text)])


@given(st.one_of(st.integers(0, 2**32 - 1).map(IPv4Address), st.integers(0, 2**128 - 1).map(IPv6Address)))
def test_what_is_called_public_is_nothing_else(address):
    if is_public(address):
        bare = getattr(address, "ipv4_mapped", None) or address
        if bare not in ip_network("64:ff9b::/96" if bare.version == 6 else "255.255.255.255/32"):
            kinds = ("private", "loopback", "link_local", "multicast", "reserved", "unspecified")
            assert [kind for kind in kinds if getattr(bare, f"is_{kind}")] == []


def test_one_inner_address_of_several_is_one_too_many():
    with pytest.raises(Refused, match=r"is at 10\.0\.0\.1"):
        rules_for("https", ()).check("shop.example", [ip_address("8.8.8.8"), ip_address("10.0.0.1")])


@pytest.mark.parametrize("text", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_what_a_deployment_names_may_be_called_and_nothing_beside_it(text):
    for scheme in ("http", "https"):
        rules_for(scheme, LOOPBACK).check("localhost", [ip_address(text)])
        with pytest.raises(Refused):
            rules_for(scheme, LOOPBACK).check("neighbour", [ip_address("10.0.0.1")])


@pytest.fixture
def names(monkeypatch):
    """What names mean: a list of answers for each, the last of which stays; notes how often each was looked up."""
    known: dict[str, list[list[str]]] = {}
    asked: list[str] = []

    def look_up(host, *more, **kinds):
        asked.append(host)
        if host not in known:
            raise socket.gaierror(f"no {host}")
        found = known[host].pop(0) if len(known[host]) > 1 else known[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    known["asked"] = asked  # type: ignore[assignment]
    return known


@pytest.fixture
async def courier(tmp_path):
    """Opens a courier of a deployment that allows some networks; closes them all."""
    store, opened = Store(tmp_path / "shop.db"), []

    def open_courier(*networks):
        delivery = Delivery(timeout=timedelta(seconds=3), networks=networks)
        opened.append(Courier(Deployment(store, static_keys({}), clock=Clock(), delivery=delivery)))
        return opened[-1]

    yield open_courier
    for each in opened:
        await each.close()
    store.close()


async def test_a_name_that_leads_inside_is_refused_whatever_it_looks_like(courier, names):
    names["harmless.example"] = [["127.0.0.1"]]
    verdict = await courier().carry(EVENT, WebhookTarget("https://harmless.example/", "s"))
    assert verdict.said == "not sent: harmless.example is at 127.0.0.1, which is no public address"


@pytest.mark.parametrize("host", ["0x7f.1", "2130706433", "127.1", "localhost"])
async def test_a_number_in_disguise_is_refused(courier, host):
    verdict = await courier().carry(EVENT, WebhookTarget(f"https://{host}/", "s"))
    assert verdict.said.startswith(f"not sent: {host} is at ")


async def test_a_name_that_changes_its_mind_is_called_where_it_was_checked(courier, names):
    async with receiving() as receiver:
        names["turning.example"] = [["127.0.0.1"], ["10.0.0.1"]]
        target = WebhookTarget(receiver.url.replace("127.0.0.1", "turning.example"), "s")
        verdict = await courier(*LOOPBACK).carry(EVENT, target)
        assert verdict.said == "HTTP 200"
        assert names["asked"] == ["turning.example"]
        assert receiver.headers[0]["host"].startswith("turning.example:")


async def test_a_name_is_looked_up_and_checked_again_for_a_new_connection(courier, names):
    async with receiving() as receiver:
        names["turning.example"] = [["127.0.0.1"], ["10.0.0.1"]]
        target = WebhookTarget(receiver.url.replace("127.0.0.1", "turning.example"), "s")
        first, second = courier(*LOOPBACK), courier(*LOOPBACK)
        assert (await first.carry(EVENT, target)).taken
        assert (await second.carry(EVENT, target)).said.startswith("not sent: turning.example is at 10.0.0.1")
        assert len(receiver.bodies) == 1


async def test_a_connection_is_used_again(courier, names):
    async with receiving() as receiver:
        names["steady.example"] = [["127.0.0.1"]]
        target = WebhookTarget(receiver.url.replace("127.0.0.1", "steady.example"), "s")
        one = courier(*LOOPBACK)
        assert [(await one.carry(EVENT, target)).said for _ in range(3)] == ["HTTP 200"] * 3
        assert names["asked"] == ["steady.example"]


async def test_the_next_address_is_tried_when_one_does_not_answer(courier, names):
    async with receiving() as receiver:
        names["two.example"] = [["127.77.77.77", "127.0.0.1", "127.77.77.78"]]
        target = WebhookTarget(receiver.url.replace("127.0.0.1", "two.example"), "s")
        assert (await courier(*LOOPBACK).carry(EVENT, target)).taken


async def test_a_name_that_is_none_is_no_answer(courier, names):
    verdict = await courier().carry(EVENT, WebhookTarget("https://nowhere.example/", "s"))
    assert verdict.said == "no answer: ConnectError"


async def test_a_look_up_that_nobody_waits_for_any_more_disturbs_nobody(names):
    look_ups = LookUps()
    network = CheckedNetwork(rules_for("https", ()), look_ups)
    waiting = asyncio.ensure_future(network.connect_tcp("nowhere.example", 443))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(httpcore.ConnectError):
        await network.connect_tcp("nowhere.example", 443, timeout=1)
    look_ups.close()


@pytest.fixture
def certified(tmp_path, monkeypatch):
    """A certificate for receiver.example whose issuer this machine trusts; yields its file with the key."""
    file = self_signed(tmp_path, "receiver.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


async def test_tls_is_spoken_to_the_name_and_not_to_the_address(courier, names, certified):
    hosts = []

    async def take(request):
        hosts.append(request.headers["host"])
        return Response()

    listener = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=[Route("/", take, methods=["POST"])])
    running = uvicorn.Server(
        uvicorn.Config(app, log_level="critical", ssl_certfile=certified, timeout_graceful_shutdown=1)
    )
    task = asyncio.create_task(running.serve(sockets=[listener]))
    names["receiver.example"], names["another.example"] = [["127.0.0.1"]], [["127.0.0.1"]]
    port = listener.getsockname()[1]
    one = courier(*LOOPBACK)
    assert (await one.carry(EVENT, WebhookTarget(f"https://receiver.example:{port}/", "s"))).said == "HTTP 200"
    other = await one.carry(EVENT, WebhookTarget(f"https://another.example:{port}/", "s"))
    assert other.said == "no answer: ConnectError"
    assert hosts == [f"receiver.example:{port}"]
    running.should_exit = True
    await task
    listener.close()
