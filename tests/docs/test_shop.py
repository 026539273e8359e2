"""The 60-line shop of the docs, mounted under a prefix in Starlette and in FastAPI, and bought from over a socket."""

import runpy
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from acp.server import lifespan
from tests.acp.server.conftest import ADDRESS, PAYMENT, serving

SHOP = Path(__file__).parents[2] / "docs" / "shop.py"
HEADERS = {"Authorization": "Bearer demo-key", "API-Version": "2026-04-17"}


def in_starlette(role):
    return Starlette(routes=[Mount("/acp", routes=role.routes)], lifespan=lifespan(role))


def in_fastapi(role):
    app = FastAPI(lifespan=lifespan(role))

    @app.get("/health")
    async def health():
        return {"ok": True}

    app.mount("/acp", Starlette(routes=role.routes))
    return app


@asynccontextmanager
async def shop_in(framework, folder, monkeypatch):
    monkeypatch.chdir(folder)
    role = runpy.run_path(str(SHOP))["role"]
    app = framework(role)
    async with serving(app) as url, httpx.AsyncClient(base_url=url, headers=HEADERS, trust_env=False) as http:
        yield http
    role.sessions._deployment.store.close()


def test_the_shop_is_about_sixty_lines():
    code = [line for line in SHOP.read_text().splitlines() if line.strip()]
    assert len(code) <= 60


@pytest.mark.parametrize("framework", [in_starlette, in_fastapi])
async def test_a_mug_is_bought_from_it_under_a_prefix(framework, tmp_path, monkeypatch):
    async with shop_in(framework, tmp_path, monkeypatch) as http:
        wish = {"line_items": [{"id": "mug", "quantity": 2}], "currency": "usd", "capabilities": {}}
        session = (await http.post("/acp/checkout_sessions", json=wish, headers={"Idempotency-Key": "1"})).json()
        assert session["status"] == "not_ready_for_payment"
        path = f"/acp/checkout_sessions/{session['id']}"
        change = {"fulfillment_details": {"address": ADDRESS}}
        session = (await http.post(path, json=change, headers={"Idempotency-Key": "2"})).json()
        assert session["status"] == "ready_for_payment"
        assert session["totals"][-1]["amount"] == 2 * 1800 + 288 + 500
        payment = {"payment_data": {**PAYMENT, "handler_id": "card"}}
        session = (await http.post(f"{path}/complete", json=payment, headers={"Idempotency-Key": "3"})).json()
        assert session["status"] == "completed"
        assert session["order"]["permalink_url"].startswith("https://shop.example/orders/ord_")


async def test_it_refuses_what_it_does_not_sell(tmp_path, monkeypatch):
    async with shop_in(in_starlette, tmp_path, monkeypatch) as http:
        wish = {"line_items": [{"id": "cup"}], "currency": "usd", "capabilities": {}}
        response = await http.post("/acp/checkout_sessions", json=wish, headers={"Idempotency-Key": "1"})
        assert (response.status_code, response.json()["code"]) == (400, "invalid_item_id")


async def test_the_rest_of_the_fastapi_application_goes_on(tmp_path, monkeypatch):
    async with shop_in(in_fastapi, tmp_path, monkeypatch) as http:
        assert (await http.get("/health")).json() == {"ok": True}
