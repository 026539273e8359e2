"""The shop on its socket: what is beside the protocol, and how it is opened."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import httpx
import pytest

from tests.independent.app import application
from tests.independent.house import House
from tests.independent.server import NotOpen, running
from tests.independent.versions import VERSIONS
from tests.independent.walk.speech import opening


@pytest.mark.parametrize("name", ["openai", "openai@2026-04-17"])
def test_the_links_that_the_platform_follows_work(name):
    with running(name) as shop, httpx.Client(trust_env=False) as http:
        headers = {"Authorization": f"Bearer {shop.key}", "API-Version": VERSIONS[name].api, "Idempotency-Key": "K"}
        body = opening(VERSIONS[name], shop.profile["items"]["in_stock"])
        session = http.post(f"{shop.base_url}/checkout_sessions", json=body, headers=headers).json()
        assert len(session["links"]) >= 3
        assert [http.get(link["url"]).status_code for link in session["links"]] == [200] * len(session["links"])


async def test_the_back_door_opens_to_this_machine_only():
    transport = httpx.ASGITransport(application(House(VERSIONS["2026-04-17"])), client=("192.0.2.1", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as http:
        assert (await http.get("/_shop/profile")).status_code == 403


def test_the_shop_owes_nothing_to_what_it_is_a_proof_of():
    loaded = "import sys, tests.independent.__main__; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    ours = {name.partition(".")[0] for name in run.stdout.split()} & {"acp", "conformance", "merchant_mock", "schemas"}
    assert not ours


def test_a_port_that_is_taken_is_said_to_be():
    with running("2026-04-17") as shop:
        port = int(shop.profile["origin"].rpartition(":")[2])
        with pytest.raises(NotOpen, match=str(port)), running("2026-04-17", port):
            pass


def test_the_command_prints_what_a_tester_must_know_and_serves_until_it_is_stopped():
    command = [sys.executable, "-m", "tests.independent", "--version", "2026-01-30", "--mutant", "created-200"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            headers = {"Authorization": f"Bearer {told['key']}", "API-Version": told["api_version"]}
            body = opening(VERSIONS[told["version"]], told["items"]["in_stock"])
            answer = httpx.post(f"{told['base_url']}/checkout_sessions", json=body, headers=headers, trust_env=False)
        finally:
            process.send_signal(signal.SIGTERM)
    assert answer.status_code == 200
    assert process.returncode == 0
