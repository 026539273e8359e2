"""The pages for endpoint authors run as written: the shop mounted in both frameworks is discovered and bought from."""

import re
import sys
from pathlib import Path

import httpx
import pytest

from tests.acp.server.conftest import ADDRESS, serving

ROOT = Path(__file__).parents[2]
FASTAPI = re.findall(
    r"^```python\n(.*?)^```", (ROOT / "docs/endpoint-authors.md").read_text(), re.MULTILINE | re.DOTALL
)
STARLETTE = [
    block
    for block in re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    if "Mount" in block
]


@pytest.mark.parametrize("block", [*FASTAPI, *STARLETTE])
async def test_a_mounted_shop_is_found_and_prices_a_cart(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sys.modules.pop("docs.shop", None)
    names: dict = {}
    exec(block, names)
    async with serving(names["app"]) as url, httpx.AsyncClient(trust_env=False) as http:
        found = (await http.get(f"{url}/.well-known/acp.json")).json()
        assert found["api_base_url"] == f"{url}/acp"
        headers = {"Authorization": "Bearer demo-key", "API-Version": "2026-04-17", "Idempotency-Key": "k"}
        wish = {
            "line_items": [{"id": "mug"}],
            "currency": "usd",
            "capabilities": {},
            "fulfillment_details": {"address": ADDRESS},
        }
        made = await http.post(f"{found['api_base_url']}/checkout_sessions", json=wish, headers=headers)
        assert made.json()["status"] == "ready_for_payment"
    names["role"].sessions._deployment.store.close()
