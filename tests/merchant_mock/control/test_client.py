"""The clients of the control API: one set of calls, typed for both, whose answers are those of the schema."""

from __future__ import annotations

import asyncio
import inspect
import re
from typing import Any, NotRequired, get_origin, get_type_hints, is_typeddict

import httpx
import pytest

from acp.errors import ConnectionFailed, NotFound, UnreadableAnswer
from merchant_mock.control import answers
from merchant_mock.control.calls import Called, Calls
from merchant_mock.control.client import AsyncControl, Control
from merchant_mock.control.route import schema
from merchant_mock.control.routes import ROUTES
from tests.merchant_mock.control.conftest import NOON, Shops

TYPES = {name: each for name, each in vars(answers).items() if is_typeddict(each)}
CALLS = {name: each for name, each in vars(Calls).items() if isinstance(each, Called)}


def documents(status: int, content: bytes, kind: str = "application/json") -> httpx.MockTransport:
    return httpx.MockTransport(lambda request: httpx.Response(status, content=content, headers={"Content-Type": kind}))


@pytest.mark.parametrize("name", TYPES)
def test_a_type_has_the_members_of_its_definition(name: str) -> None:
    definitions = schema()["$defs"]
    defined = definitions["Health"]["properties"]["waiting"] if name == "Waiting" else definitions.get(name)
    if name == "KeyLine":
        defined = definitions["Keys"]["properties"]["keys"]["items"]
    hints = get_type_hints(TYPES[name], include_extras=True)
    assert set(hints) == set(defined["properties"])
    assert {member for member, hint in hints.items() if get_origin(hint) is not NotRequired} == set(defined["required"])


def test_every_route_but_the_schemas_has_a_call() -> None:
    source = inspect.getsource(inspect.getmodule(Calls))  # type: ignore[arg-type]
    calls = re.findall(r'Ask\(\s*"(\w+)", f?"([^"]+)"', source)
    asked = {(method, re.sub(r"\{[^}]*\}", "*", path)) for method, path in calls}
    for route in ROUTES:
        path = re.sub(r"\{[^}]*\}", "*", route.path)
        path = re.sub(r"^(/orders/\*/)\w+$", r"\1*", path)
        assert (route.method, path) in asked or path == "/schema", (route.method, path)


@pytest.mark.parametrize("name", CALLS)
def test_every_call_says_what_it_does_and_is_shared(name: str) -> None:
    assert CALLS[name].__doc__
    assert getattr(Control, name) is getattr(AsyncControl, name) is CALLS[name]
    with Control("http://127.0.0.1:1") as control:
        assert getattr(control, name).__doc__ == CALLS[name].__doc__


def test_awaited_it_says_the_same(shops: Shops) -> None:
    async def ask() -> Any:
        async with AsyncControl(shops.url) as control:
            with pytest.raises(NotFound):
                await control.session("cs_nobody")
            made = await control.place_order("soap")
            return await control.clock(), await control.orders(), made

    clock, orders, made = asyncio.run(ask())
    assert clock == shops.control.clock() == {"now": NOON.isoformat(), "stopped": True}
    assert orders == shops.control.orders() == [made["order"]]


def test_an_id_cannot_lead_elsewhere(control: Control) -> None:
    with pytest.raises(NotFound):
        control.session("../clock")
    with pytest.raises(NotFound):
        control.session("a?b=c#d")


def test_nobody_there_is_told_as_such() -> None:
    with Control("http://127.0.0.1:1/") as control, pytest.raises(ConnectionFailed, match=r"127\.0\.0\.1:1"):
        control.clock()

    async def ask() -> None:
        async with AsyncControl("http://127.0.0.1:1") as control:
            with pytest.raises(ConnectionFailed):
                await control.clock()

    asyncio.run(ask())


@pytest.mark.parametrize(("status", "content"), [(200, b"<html>"), (502, b"Bad gateway"), (200, b"[]")])
def test_an_answer_of_something_else_is_told_as_such(status: int, content: bytes) -> None:
    http = httpx.Client(transport=documents(status, content))
    with Control("http://a", http_client=http) as control, pytest.raises(UnreadableAnswer) as told:
        control.clock()
    assert (told.value.status, told.value.body) == (status, content)
    assert not http.is_closed
    http.close()


def test_a_clients_own_connections_are_left_open() -> None:
    async def ask() -> None:
        http = httpx.AsyncClient(transport=documents(200, b'{"now": "", "stopped": true}'))
        async with AsyncControl("http://a", http_client=http) as control:
            assert (await control.clock())["stopped"]
        assert not http.is_closed
        await http.aclose()

    asyncio.run(ask())
