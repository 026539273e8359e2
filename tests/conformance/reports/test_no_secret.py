"""No report of any format holds a secret of the profile, whatever the server repeats of it and wherever."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from conformance.catalogue import catalogue
from conformance.profile.file import made_of
from conformance.reports.formats import FORMATS
from conformance.verdict import runfile
from conformance.verdict.judgement import Terms, judgement
from conformance.verdict.selection import Selection
from conformance.wire.line import Limits
from merchant_mock.app import DEMO_KEY, DEMO_WEBHOOK_SECRET
from merchant_mock.profile import SECOND_KEY
from merchant_mock.serving import bind, serving
from tests.kill_matrix.shops import judged

KEY = 'key/of "the" shop'
PATH_SECRET = "path-secret"
CARD = {"type": "card", "number": "4000056655665556", "cvc": "8421", "exp_month": "12", "exp_year": "2099"}
SECRETS = {"key": KEY, "card": CARD["number"], "cvc": CARD["cvc"], "path": PATH_SECRET}


async def echo(request: Request) -> JSONResponse:
    """Answer with everything that was sent, in the members and headers in which a check looks."""
    key = request.headers.get("authorization", "").removeprefix("Bearer ")
    said = (await request.body()).decode()
    body = {"type": key, "code": key, "message": f"{request.url} {said}", "param": f"$.{key}", key: {"of": [said]}}
    encoded = b64encode(key.encode()).decode()
    return JSONResponse(body, 400, {"X-Echo": quote(key), "Location": f"/{quote(key, safe='')}", "X-Code": encoded})


@contextmanager
def parrot() -> Iterator[str]:
    """The base URL of a shop that repeats whatever it is told."""
    app = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST", "PUT", "DELETE"])])
    with bind("127.0.0.1", 0) as listener, serving(app, listener) as url:
        yield url


def written(run, began: datetime) -> dict:
    return runfile.document(run, seed=7, began=began, ended=began)


@pytest.fixture(scope="module")
def repeated() -> dict:
    """The run file of a shop that repeats everything."""
    now = datetime.now(UTC)
    with parrot() as url:
        document = {
            "version": "2026-04-17",
            "merchant": {"url": f"{url}/${{SHOP_PATH}}", "key": "${SHOP_KEY}"},
            "psp": {"url": f"{url}/${{SHOP_PATH}}", "key": "${SHOP_KEY}"},
            "items": {"in_stock": "sku-1"},
            "payment": {"card": {**CARD, "metadata": {}}},
        }
        profile = made_of(document, {"SHOP_KEY": KEY, "SHOP_PATH": PATH_SECRET}, "the profile")
        terms = Terms(7, Limits(request_seconds=5))
        return written(asyncio.run(judgement(Selection(profile, catalogue()), terms, lambda: now)), now)


def forms(secret: str) -> list[str]:
    """A secret as it may have come back."""
    encoded = b64encode(secret.encode()).decode()
    return [secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1], encoded]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("secret", SECRETS)
def test_what_a_server_repeats_is_in_no_report(repeated, name, secret):
    text = FORMATS[name].text(repeated)
    assert [form for form in forms(SECRETS[secret]) if form in text] == []


def test_the_server_did_repeat_it_and_the_findings_did_quote_it(repeated):
    assert "${SHOP_KEY}" in json.dumps([each["answer"] for each in repeated["exchanges"]])
    assert "${SHOP_KEY}" in json.dumps([each["says"] for each in repeated["requirements"]])
    assert repeated["targets"]["merchant"].endswith("/${SHOP_PATH}")


@pytest.mark.parametrize("name", FORMATS)
def test_a_whole_run_against_a_whole_shop_leaves_none_either(whole, name):
    text = FORMATS[name].text(whole)
    for secret in (DEMO_KEY, SECOND_KEY, DEMO_WEBHOOK_SECRET, "4242424242424242"):
        assert secret not in text


@pytest.fixture(scope="module")
def whole() -> dict:
    """The run file of the mock merchant with every input it has."""
    return written(judged(), datetime.now(UTC))
