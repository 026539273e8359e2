"""`acp mcp` says in a line what it lacks, and over HTTP it is the same server."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from merchant_mock.testing import Settings, opened


@pytest.fixture(scope="module")
def shop():
    with opened(Settings()) as merchant:
        yield merchant


def run(*options, **env):
    return subprocess.run(
        [sys.executable, "-m", "acp", "mcp", *options],
        env={"PATH": "", **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("options", "env", "says"),
    [
        ([], {}, "merchant"),
        (["--merchant", "http://127.0.0.1:9", "--test-card"], {}, "No key for the shop"),
        (["--merchant", "http://127.0.0.1:9"], {"ACP_API_KEY": "k"}, "No card: pass --card FILE"),
        (["--merchant", "http://127.0.0.1:9", "--test-card", "--token", "t"], {"ACP_API_KEY": "k"}, "Pay with one of"),
        (["--merchant", "http://127.0.0.1:9", "--card", "/none"], {"ACP_API_KEY": "k"}, "card file /none"),
    ],
)
def test_what_is_missing_is_said_in_a_line_before_anything_is_asked(options, env, says):
    done = run(*options, **env)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--yes-up-to", "much"], "--yes-up-to is an amount in the currency"),
        (["--yes-up-to", "1.005"], "more decimals"),
        (["--yes-up-to", "-1"], "--yes-up-to is an amount"),
        (["--currency", "xyz"], "not an ISO 4217"),
        (["--locale", "nowhere"], "no locale"),
    ],
)
def test_an_option_that_cannot_be_is_said_in_a_line(shop, options, says):
    done = run("--merchant", shop.url, "--test-card", *options, ACP_API_KEY=shop.api_key)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_shop_that_is_away_is_a_failure_of_the_network():
    done = run("--merchant", "http://127.0.0.1:9", "--test-card", ACP_API_KEY="k")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


@contextmanager
def served(shop, port):
    command = [sys.executable, "-m", "acp", "mcp", "--merchant", shop.url, "--test-card", "--http", str(port)]
    env = {"ACP_API_KEY": shop.api_key, "PATH": ""}
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            assert "Serving MCP at" in line, line
            yield line.split()[-1]
        finally:
            process.terminate()
            process.communicate(timeout=20)


async def test_over_http_it_is_the_same_server_and_no_page_of_another_origin_reaches_it(shop, unused_tcp_port):
    with served(shop, unused_tcp_port) as url:
        async with httpx2.AsyncClient(trust_env=False, transport=httpx2.AsyncHTTPTransport(retries=20)) as http:
            async with Client(streamable_http_client(url, http_client=http), mode="auto") as client:
                made = await client.call_tool("create_checkout_session", {"line_items": [{"id": "mug-blue"}]})
            stranger = await http.post(url, json={}, headers={"Origin": "https://evil.example"})
    assert made.structured_content["lines"][0]["item_id"] == "mug-blue"
    assert stranger.status_code == 403
