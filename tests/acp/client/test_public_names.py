from __future__ import annotations

import inspect
import subprocess
import sys

import acp
import acp.client
from acp.client.async_client import AsyncClient
from acp.client.checkout_sessions import AsyncCheckoutSessions, CheckoutSessions
from acp.client.client import Client
from acp.client.delegate_payment import AsyncDelegatePayment, DelegatePayment


def test_the_public_names_are_sorted_and_all_there():
    assert acp.client.__all__ == sorted(acp.client.__all__)
    assert all(hasattr(acp.client, name) for name in acp.client.__all__)


def test_the_package_offers_the_clients_at_its_top():
    assert acp.Client is Client
    assert acp.AsyncClient is AsyncClient
    assert acp.webhooks is acp.client.webhooks


def test_the_awaited_classes_take_the_same_arguments_as_the_waiting_ones():
    pairs = [
        (CheckoutSessions, AsyncCheckoutSessions),
        (DelegatePayment, AsyncDelegatePayment),
        (Client, AsyncClient),
    ]
    for waiting, awaited in pairs:
        for name, method in vars(waiting).items():
            if inspect.isfunction(method) and not name.startswith("_"):
                twin = getattr(awaited, {"close": "aclose"}.get(name, name))
                assert inspect.signature(twin) == inspect.signature(method), name
                assert inspect.iscoroutinefunction(twin) or name == "with_options"
    parameters = [dict(inspect.signature(kind.__init__).parameters) for kind in (Client, AsyncClient)]
    for each in parameters:
        del each["http_client"], each["self"], each["sleep"]
    assert parameters[0] == parameters[1]


def test_every_public_function_and_class_has_a_docstring():
    for name in acp.client.__all__:
        assert (getattr(acp.client, name).__doc__ or "").strip(), name


def test_the_client_loads_neither_the_server_nor_the_command_line():
    loaded = subprocess.run(
        [sys.executable, "-c", "import acp.client, sys; print(*sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not [name for name in loaded if name.startswith(("acp.server", "acp.cli.", "starlette", "typer"))]
