"""Every public method and function of the client has an example in its docstring, and each runs as it is written."""

from __future__ import annotations

import ast
import doctest
import inspect
import io
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import acp.client
from acp.client import AsyncClient, Client, allowance_for, card_handler, webhooks
from acp.client.checkout_sessions import AsyncCheckoutSessions, CheckoutSessions
from acp.client.delegate_payment import AsyncDelegatePayment, DelegatePayment
from acp.models.delegate_authentication import DelegateAuthenticationSessionWithResult
from acp.signing import sign_webhook
from merchant_mock.app import DEMO_KEY
from tests.acp.client.real_shop import HOME, opened
from tests.acp.client.test_real_shop import CARD

CLASSES = (Client, AsyncClient, CheckoutSessions, AsyncCheckoutSessions, DelegatePayment, AsyncDelegatePayment)
FUNCTIONS = [
    *(value for name in acp.client.__all__ if inspect.isfunction(value := getattr(acp.client, name))),
    webhooks.construct_event,
]
AWAITED = "Async"
AUTHENTICATED = {
    "authentication_session_id": "auth_1",
    "status": "authenticated",
    "authentication_result": {"trans_status": "Y", "electronic_commerce_indicator": "05"},
}
EVENT = json.dumps({"type": "order_create", "data": {"order_id": "o_1", "status": "created"}}).encode()

Case = tuple[str, str]


def methods() -> Iterator[tuple[str, Callable[..., Any]]]:
    for kind in CLASSES:
        for name, method in vars(kind).items():
            if inspect.isfunction(method) and not name.startswith("_"):
                yield f"{kind.__name__}.{name}", method


PUBLIC = [*methods(), *((function.__name__, function) for function in FUNCTIONS)]
DOCUMENTED = [*PUBLIC, *((kind.__name__, kind) for kind in (Client, AsyncClient, acp.client.Decisions))]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with opened(tmp_path_factory.mktemp("shop")) as address:
        yield address


@pytest.fixture
def waiting(url: str) -> Iterator[Client]:
    with Client(url, DEMO_KEY) as client:
        yield client


@pytest.fixture
def names(waiting: Client, monkeypatch: pytest.MonkeyPatch, url: str) -> dict[str, Any]:
    """What an example may take for given: a session that is ready for payment, and what it takes to pay it."""
    monkeypatch.setenv("ACP_BASE_URL", url)
    monkeypatch.setenv("ACP_API_KEY", DEMO_KEY)
    session = waiting.checkout_sessions.create([("mug-blue", 2)], "usd", fulfillment_details={"address": HOME})
    handler = card_handler(session)
    assert handler is not None
    limits = allowance_for(session, handler, datetime.now(UTC) + timedelta(minutes=10))
    given = {
        "session": session,
        "handler": handler,
        "limits": limits,
        "token": waiting.delegate_payment.create(CARD, limits),
        "card": CARD,
        "home": HOME,
        "client": waiting,
        "authenticated": DelegateAuthenticationSessionWithResult.of(AUTHENTICATED),
        "body": EVENT,
        "headers": {"Merchant-Signature": sign_webhook(EVENT, "whsec_old", at=datetime.now(UTC))},
        "construct_event": webhooks.construct_event,
        "UTC": UTC,
        "datetime": datetime,
        "timedelta": timedelta,
    }
    return given | {name: getattr(acp.client, name) for name in acp.client.__all__}


def examples_of(thing: object) -> list[doctest.Example]:
    return doctest.DocTestParser().get_examples(inspect.getdoc(thing) or "")


async def printed(example: doctest.Example, names: dict[str, Any]) -> str:
    """What one example prints; like the prompt of `python -m asyncio`, it may await."""
    out = io.StringIO()
    code = compile(example.source, "example", "single", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    with redirect_stdout(out):
        running = eval(code, names)
        if inspect.iscoroutine(running):
            await running
    return out.getvalue()


@pytest.mark.parametrize("thing", [thing for _, thing in DOCUMENTED], ids=[name for name, _ in DOCUMENTED])
def test_there_is_an_example(thing):
    assert examples_of(thing)


@pytest.mark.parametrize(("name", "thing"), DOCUMENTED, ids=[name for name, _ in DOCUMENTED])
async def test_the_example_runs_as_it_is_written(name, thing, names, url):
    async with AsyncClient(url, DEMO_KEY) as awaited:
        if name.startswith(AWAITED):
            names["client"] = awaited
        for example in examples_of(thing):
            got = await printed(example, names)
            assert doctest.OutputChecker().check_output(example.want, got, doctest.ELLIPSIS), (example.source, got)


@pytest.mark.parametrize(("name", "thing"), PUBLIC, ids=[name for name, _ in PUBLIC])
def test_an_example_uses_what_it_is_an_example_of(name, thing):
    assert f"{name.rpartition('.')[2]}(" in "".join(example.source for example in examples_of(thing))
