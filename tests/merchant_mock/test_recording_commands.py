"""`acp-merchant serve --record`, `replay` and `export`, as they are typed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from merchant_mock.testing import Settings, opened
from tests.merchant_mock.recording.conftest import NOON, recording

ROOT = Path(__file__).parents[2]
MERCHANT = [sys.executable, "-m", "merchant_mock"]


def run(*arguments, folder=ROOT):
    return subprocess.run(
        [*MERCHANT, *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def recorded(tmp_path):
    with recording(tmp_path) as shop:
        session = shop.open()
        order = shop.pay(session, shop.mint(session))["order"]["id"]
    return shop.path, session["id"], order


def test_a_shop_that_is_killed_leaves_a_recording_that_can_be_sent_again(tmp_path):
    with subprocess.Popen(
        [*MERCHANT, "serve", "--port", "0", "--json", "--seed", "3", "--record", str(tmp_path / "rec")],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        url = json.loads(process.stdout.readline())["url"]
        body = {"line_items": [{"id": "soap"}], "currency": "usd", "capabilities": {}}
        sent = {"Authorization": "Bearer acp_demo_key", "API-Version": "2026-04-17", "Idempotency-Key": "one"}
        made = httpx.post(f"{url}/checkout_sessions", json=body, headers=sent, trust_env=False)
        process.send_signal(signal.SIGKILL)
    again = run("replay", tmp_path / "rec")
    assert (again.returncode, again.stdout) == (0, "1 compared, 0 differ.\n"), again.stderr
    text = run("export", tmp_path / "rec", "--session", made.json()["id"])
    assert "@pytest.mark.acp_merchant(seed=3, clock=" in text.stdout


def test_a_recording_that_gives_the_same_answers_exits_with_0(recorded):
    path, _, _ = recorded
    told = run("replay", path, "--json")
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert (told.returncode, [line["same"] for line in lines]) == (0, [True] * 4)
    assert lines[3]["what"] == "order event 1"


def test_differences_are_told_readably_and_exit_with_1(recorded):
    path, _, _ = recorded
    with opened(Settings(clock=NOON, fault=("amounts_are_decimals",))) as other:
        told = run("replay", path, "--to", other.url, "--api-key", other.api_key)
    assert told.returncode == 1
    assert "1 POST /checkout_sessions\n  $.totals[0].amount\n    - 5000\n    + 50.0\n" in told.stdout
    assert told.stdout.endswith("3 compared, 2 differ.\n")


def test_what_a_client_sent_cannot_move_the_cursor(tmp_path):
    with recording(tmp_path) as shop:
        shop.get("/checkout_sessions/%1b%0a")
    assert "/checkout_sessions/%1b%0a" in shop.path.read_text()
    lines = shop.path.read_text().replace('"status":404', '"status":200').replace("%1b%0a", "\\u001b[31m\\n")
    shop.path.write_text(lines)
    told = run("replay", shop.path)
    assert told.returncode == 1
    assert "1 GET /checkout_sessions/\\u001b[31m\\u000a\n" in told.stdout


def test_many_differences_and_long_values_are_cut_short():
    from merchant_mock.cli.replay import _told
    from merchant_mock.recording.differences import Difference
    from merchant_mock.recording.replay import Outcome

    lines = list(_told(Outcome("1 GET /", [Difference(f"$.{n}", "x" * 500, n) for n in range(12)])))
    assert lines[2] == f'    - "{"x" * 199}…'
    assert lines[-1] == "  and 2 more"
    assert list(_told(Outcome("1 GET /", left_out="it was too long"))) == ["1 GET /: left out, it was too long"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["replay", "none.jsonl"], "none.jsonl cannot be read: No such file or directory."),
        (["replay", "RECORDING", "--to", "shop.example", "--api-key", "k"], "must begin with http:// or https://."),
        (["replay", "RECORDING", "--to", "http://127.0.0.1:1"], "is asked with a key of its own: pass --api-key."),
        (["replay", "RECORDING", "--to", "http://x:y", "--api-key", "k"], "http://x:y is no address"),
        (["replay", "RECORDING", "--api-key", "k"], "--api-key is the key of the shop at --to; name that too."),
        (["replay", "RECORDING", "--to", "http://127.0.0.1:1", "--api-key", "k"], "127.0.0.1:1 cannot be called"),
        (["replay", "RECORDING", "--catalogue", "README.md"], "with another catalogue; name its file"),
        (["export", "RECORDING"], "Name what to export: either --session or --order."),
        (["export", "RECORDING", "--session", "a", "--order", "b"], "either --session or --order."),
        (["export", "RECORDING", "--session", "cs_1"], 'The session "cs_1" is not in the recording.'),
        (["export", "RECORDING", "--order", "ORDER", "--out", "README.md"], "README.md is there already"),
        (["export", "RECORDING", "--order", "ORDER", "--out", "none/x.py"], "none/x.py cannot be written: No such"),
        (["serve", "--port", "0", "--record", "README.md"], "The recording cannot be written to README.md"),
    ],
)
def test_what_is_asked_wrongly_is_one_line_and_exits_with_2(recorded, arguments, says):
    path, _, order = recorded
    told = run(*({"RECORDING": path, "ORDER": order}.get(argument, argument) for argument in arguments))
    assert (told.returncode, told.stderr.count("\n"), told.stdout) == (2, 1, "")
    assert says in told.stderr


def test_an_export_is_written_to_a_file_that_pytest_runs(recorded, tmp_path):
    path, session, order = recorded
    told = run("export", path, "--order", order, "--out", tmp_path / "test_order.py")
    assert (told.returncode, told.stdout.split()[0]) == (0, str(tmp_path / "test_order.py"))
    assert (tmp_path / "test_order.py").read_text() == run("export", path, "--session", session).stdout
