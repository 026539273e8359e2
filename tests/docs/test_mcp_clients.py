"""The configurations of the page start `acp mcp` as three clients do, and it is spoken to by the official client."""

from __future__ import annotations

import json
import re
import sysconfig
import tomllib
from pathlib import Path

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from merchant_mock.testing import Settings, opened

PAGE = (Path(__file__).parents[2] / "docs/mcp-clients.md").read_text()
BLOCKS = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)]
BLOCKS += [tomllib.loads(block) for block in re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)]
SERVERS = {name: block[name]["shop"] for block in BLOCKS for name in block}


@pytest.fixture(scope="module")
def shop():
    with opened(Settings()) as merchant:
        yield merchant


def test_three_clients_are_told_how():
    assert list(SERVERS) == ["mcpServers", "servers", "mcp_servers"]


@pytest.mark.parametrize("client", SERVERS)
async def test_a_configuration_of_the_page_starts_a_server_that_opens_a_session(client, shop, tmp_path):
    (tmp_path / "card.toml").write_text('number = "4242424242424242"\nexp_month = "12"\nexp_year = "2034"\n')
    told = SERVERS[client]
    meant = {"https://shop.example": shop.url, "/home/me/card.toml": str(tmp_path / "card.toml")}
    server = StdioServerParameters(
        command=str(Path(sysconfig.get_path("scripts")) / told["command"]),
        args=[meant.get(each, each) for each in told["args"]],
        env=dict.fromkeys(told["env"], shop.api_key),
    )
    async with Client(stdio_client(server), mode="auto") as spoken:
        made = await spoken.call_tool("create_checkout_session", {"line_items": [{"id": "mug-blue"}]})
    assert made.structured_content["lines"][0]["item_id"] == "mug-blue"
