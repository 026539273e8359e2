"""Who may use the control API."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from acp.errors import NotJson
from merchant_mock.app import Terms
from merchant_mock.catalogue import Catalogue
from merchant_mock.control.guard import Forbidden, Reach, guard, is_loopback
from merchant_mock.serving import bind, serving, url_of
from merchant_mock.street import open_street
from tests.merchant_mock.test_log_lines import open_shop


def scope(client: Any = ("127.0.0.1", 5), method: str = "GET", **headers: str) -> dict[str, Any]:
    named = {"host": "127.0.0.1:8080"} | {name.replace("_", "-"): value for name, value in headers.items()}
    sent = [(name.encode(), value.encode()) for name, value in named.items()]
    return {"type": "http", "method": method, "client": client, "headers": sent}


@pytest.mark.parametrize("client", [("127.0.0.1", 5), ("127.8.9.1", 5), ("::1", 5), ("::ffff:127.0.0.1", 5)])
@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080", "shop.test:80"])
def test_this_machine_may(client: Any, host: str) -> None:
    guard(scope(client, host=host), Reach.LOOPBACK, "shop.test")


@pytest.mark.parametrize(
    "client", [("192.0.2.2", 5), ("10.0.0.1", 5), ("::ffff:192.0.2.2", 5), ("fe80::1", 5), ("", 0), None]
)
def test_others_may_not(client: Any) -> None:
    with pytest.raises(Forbidden):
        guard(scope(client), Reach.LOOPBACK, "127.0.0.1")
    guard(scope(client), Reach.ANYONE, "127.0.0.1")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "[::1", "0x7f.1"])
def test_a_name_of_somebody_elses_that_leads_here_is_refused(host: str) -> None:
    with pytest.raises(Forbidden):
        guard(scope(host=host), Reach.LOOPBACK, "127.0.0.1")


@pytest.mark.parametrize(
    "header", ["forwarded", "x_forwarded_for", "x_forwarded_host", "x_forwarded_proto", "x_real_ip", "via"]
)
def test_what_came_through_a_proxy_is_refused(header: str) -> None:
    with pytest.raises(Forbidden):
        guard(scope(**{header: "127.0.0.1"}), Reach.LOOPBACK, "127.0.0.1")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("reach", [Reach.LOOPBACK, Reach.ANYONE])
def test_a_form_of_another_site_changes_nothing(method: str, reach: Reach) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        with pytest.raises(NotJson):
            guard(scope(method=method, content_type=kind), reach, "127.0.0.1")
    with pytest.raises(NotJson):
        guard(scope(method=method), reach, "127.0.0.1")
    guard(scope(method=method, content_type="application/json"), reach, "127.0.0.1")


def test_a_host_that_is_no_address_is_none_of_this_machine() -> None:
    assert not is_loopback("localhost.evil.example")


@contextmanager
def served(catalogue: Catalogue, folder: Path, reach: Reach) -> Iterator[tuple[str, str]]:
    """A shop on all addresses of the machine: how it is reached on the loop, and at another address of its own."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # sends nothing; the system says from which address it would
            address = probe.getsockname()[0]
    except OSError:
        address = "127.0.0.1"
    if is_loopback(address):
        pytest.skip("this machine has no second address")
    with bind("0.0.0.0", 0) as listener:
        port = listener.getsockname()[1]
        street = open_street(Terms(catalogue, folder / "shop.db", url_of(listener)), reach)
        try:
            with serving(street.front, listener):
                yield f"http://127.0.0.1:{port}", f"http://{address}:{port}"
        finally:
            street.close()


def test_by_default_it_cannot_be_reached_from_another_address(catalogue: Catalogue, tmp_path: Path) -> None:
    with served(catalogue, tmp_path, Reach.LOOPBACK) as (here, elsewhere):
        assert httpx.get(f"{here}/_mock/clock").status_code == 200
        for way in ("clock", "nothing", ""):
            answered = httpx.get(f"{elsewhere}/_mock/{way}", headers={"Host": "127.0.0.1"})
            assert (answered.status_code, answered.json()["code"]) == (403, "forbidden")
        assert httpx.post(f"{elsewhere}/_mock/reset", json={}).status_code == 403
        assert httpx.get(f"{elsewhere}/livez").status_code == 200
        spoofed = {"X-Forwarded-For": "127.0.0.1", "Host": "127.0.0.1"}
        assert httpx.get(f"{elsewhere}/_mock/clock", headers=spoofed).status_code == 403
        key = httpx.post(f"{here}/_mock/keys", json={}).json()
        assert httpx.get(f"{elsewhere}/t/{key['id']}/_mock/clock").status_code == 403


def test_told_otherwise_it_answers_to_anyone(catalogue: Catalogue, tmp_path: Path) -> None:
    with served(catalogue, tmp_path, Reach.ANYONE) as (_, elsewhere):
        assert httpx.get(f"{elsewhere}/_mock/clock").status_code == 200


def test_switched_off_there_is_none(catalogue: Catalogue, tmp_path: Path) -> None:
    with served(catalogue, tmp_path, Reach.OFF) as (here, _):
        answered = httpx.get(f"{here}/_mock/clock")
        assert (answered.status_code, answered.json()["message"]) == (404, "There is no such endpoint here.")


@pytest.mark.parametrize(("options", "status"), [((), 200), (("--control", "off"), 404)])
def test_the_command_opens_it_or_leaves_it_out(options: tuple[str, ...], status: int) -> None:
    with open_shop(*options) as (url, _):
        assert httpx.get(f"{url}/_mock/clock").status_code == status
