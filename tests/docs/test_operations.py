"""The page for operators says what the server does: its example runs in a process, its tables are held to the code."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import yaml

from acp.server import Deployment, Limits, Store, static_keys
from acp.server.metrics import Metrics
from acp.signing import WINDOW

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/operations.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
(YAML,) = (block for language, block in BLOCKS if language == "yaml")
LOGGING, SAMPLE = (json.loads(block) for language, block in BLOCKS if language == "json")
(SERVE,) = (block for language, block in BLOCKS if language == "sh")
EXAMPLE, KEYS = (block for language, block in BLOCKS if language == "python")
ROWS = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in PAGE.splitlines() if line.startswith("| `")]
HEADERS = {"Authorization": "Bearer demo-key", "API-Version": "2026-04-17", "Request-Id": "req-7"}
WISH = {"line_items": [{"id": "hat"}], "currency": "usd", "capabilities": {}}


def table(start: str) -> dict[str, list[str]]:
    """The rows of the table whose first cells begin with `start`."""
    return {row[0].strip("`"): row[1:] for row in ROWS if row[0].startswith(f"`{start}")}


@pytest.fixture
def served(tmp_path):
    (tmp_path / "ops.py").write_text(EXAMPLE)
    (tmp_path / "logging.json").write_text(json.dumps(LOGGING))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url, fd = f"http://127.0.0.1:{listener.getsockname()[1]}", listener.fileno()
        command = [sys.executable, "-m", *shlex.split(SERVE), "--fd", str(fd)]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"}
        process = subprocess.Popen(
            command, cwd=tmp_path, pass_fds=[fd], env=environment, stderr=subprocess.PIPE, text=True
        )
    with process, httpx.Client(base_url=url, trust_env=False) as http:
        deadline = time.monotonic() + 20
        while True:
            try:
                http.get("/livez")
                break
            except httpx.TransportError:
                assert process.poll() is None, process.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield process, http
        process.kill()


def test_the_example_is_probed_measured_logged_and_stopped_as_told(served):
    process, http = served
    refused = http.post("/acp/checkout_sessions", json=WISH, headers=HEADERS | {"Idempotency-Key": "k"})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_item_id")
    for probe in yaml.safe_load(YAML)["containers"][0].values():
        if isinstance(probe, dict) and "httpGet" in probe:
            assert http.get(probe["httpGet"]["path"]).status_code == 200
    checks = http.get("/readyz").json()["checks"]
    assert set(checks) == {name for name in ("store", "work", "drain") if table(name)}
    counted = 'acp_requests_total{code="invalid_item_id",method="POST",path="/checkout_sessions",status="400"} 1.0'
    assert counted in http.get("/metrics").text
    process.send_signal(signal.SIGTERM)
    log = process.stderr.read()
    assert process.wait(10) in (0, -signal.SIGTERM)
    lines = [json.loads(line) for line in log.splitlines()]
    assert any(line["logger"] == "uvicorn.error" for line in lines)
    line = next(line for line in lines if line["logger"] == "acp.server.requests")
    assert list(line) == list(SAMPLE)
    varying = ("time", "seconds")
    assert {k: v for k, v in line.items() if k not in varying} == {k: v for k, v in SAMPLE.items() if k not in varying}


def test_every_option_named_to_uvicorn_is_one():
    helped = subprocess.run(
        [sys.executable, "-m", "uvicorn", "--help"], capture_output=True, text=True, check=True
    ).stdout
    named = set(re.findall(r"(?<![\w-])--[a-z-]+", SERVE)) | {"--forwarded-allow-ips"}
    assert all(option in helped for option in named)


def test_the_grace_period_covers_a_payment(tmp_path):
    store = Store(tmp_path / "shop.db")
    lease = Deployment(store, static_keys({})).payment_lease.total_seconds()
    store.close()
    assert yaml.safe_load(YAML)["terminationGracePeriodSeconds"] > lease + 5
    assert f"--timeout-graceful-shutdown {lease:g}" in SERVE
    assert table("Deployment.payment_lease")["Deployment.payment_lease"][0].startswith(f"{lease:g} s")


def test_the_metrics_are_those_of_the_registry(tmp_path):
    store = Store(tmp_path / "shop.db")
    counted = Metrics(store)
    families = {family.name + "_total" * (family.type == "counter") for family in counted.registry.collect()}
    assert set(table("acp_")) == families
    for name, labels in ((m._name, m._labelnames) for m in counted.registry._collector_to_names if hasattr(m, "_name")):
        row = table("acp_").get(name) or table("acp_")[f"{name}_total"]
        assert tuple(re.findall(r"\w+", row[0])) == labels
    store.close()


def test_the_limits_have_the_defaults_that_are_named():
    rows = table("Limits.")
    assert set(rows) == {f"Limits.{name}" for name in vars(Limits())}
    for name, value in vars(Limits()).items():
        assert re.match(rf"{value:g}|{value}".replace("+", r"\+"), rows[f"Limits.{name}"][0]), name
    assert WINDOW.total_seconds() == 5 * 60
    assert "five\n  minutes off" in PAGE


def test_the_keys_of_the_example_are_a_sequence():
    names: dict = {}
    exec(KEYS, names)
    assert (names["request_keys"]("nobody"), len(names["request_keys"]("an agent"))) == ([], 2)
