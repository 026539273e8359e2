"""What loads when: importing the protocol is cheap, and nothing heavy comes along before it is used."""

import subprocess
import sys

import pytest

LOADED = "import sys; {statement}; print(*sorted(sys.modules))"


def modules_after(statement: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", LOADED.format(statement=statement)], capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


def test_importing_acp_loads_neither_ends_nor_models_nor_libraries():
    loaded = modules_after("import acp")
    heavy = {
        "acp.client",
        "acp.server",
        "acp.models",
        "acp.cli",
        "httpx",
        "starlette",
        "jsonschema",
        "jsonschema_rs",
        "babel",
    }
    assert not loaded & heavy


def test_importing_the_schemas_loads_no_validator():
    assert not modules_after("import schemas") & {"jsonschema", "jsonschema_rs", "acp"}


def test_the_client_does_not_bring_the_server_nor_the_server_the_client():
    assert not {name for name in modules_after("import acp.client") if name.startswith(("acp.server", "starlette"))}
    assert not {name for name in modules_after("import acp.server") if name.startswith("acp.client")}


@pytest.mark.parametrize("package", ["conformance", "conformance.cli"])
def test_the_judge_brings_neither_end_of_the_wire_nor_the_mock_nor_its_own_data(package):
    walls = ("acp.server", "acp.client", "acp.models", "merchant_mock", "yaml")
    assert not {name for name in modules_after(f"import {package}") if name.startswith(walls)}


@pytest.mark.parametrize(
    "name",
    [
        "allowance",
        "canonical",
        "capabilities",
        "errors",
        "headers",
        "lifecycle",
        "model",
        "money",
        "orders",
        "redaction",
        "signing",
        "timestamps",
        "totals",
        "versions",
        "visible",
    ],
)
def test_the_top_level_opens_no_socket_and_reads_no_clock(name):
    before = modules_after("import orjson, rfc8785, datetime, json, logging")
    assert not (modules_after(f"import acp.{name}") - before) & {
        "socket",
        "ssl",
        "sqlite3",
        "asyncio",
        "httpx",
        "random",
    }


def test_every_public_name_of_acp_can_be_had():
    import acp

    for name in acp.__all__:
        assert getattr(acp, name) is not None
    assert acp.__all__ == sorted(acp.__all__)
    assert set(acp.__all__) <= set(dir(acp))
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        acp.nothing_of_the_kind  # noqa: B018
