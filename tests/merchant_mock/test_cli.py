"""The command `acp-merchant`, run as a person or a machine runs it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

import acp
from merchant_mock import cli
from merchant_mock.catalogue import Catalogue
from merchant_mock.cli.catalogue import _table
from merchant_mock.profile import SECOND_KEY
from merchant_mock.scenarios.scenario import SCENARIOS

ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100"}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "merchant_mock", *arguments],
        capture_output=True, text=True, env=ENVIRONMENT, timeout=20, check=False,
    )  # fmt: skip


@contextmanager
def serving(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "merchant_mock", "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ask(url: str, key: str = "acp_demo_key", **body: Any) -> httpx.Response:
    sent = {"Authorization": f"Bearer {key}", "API-Version": "2026-04-17", "Idempotency-Key": "k1"}
    cart = {"line_items": [{"id": "mug-blue"}], "currency": "usd", "capabilities": {}}
    return httpx.post(f"{url}/checkout_sessions", json=cart | body, headers=sent)


def buying(lines: list[str]) -> subprocess.CompletedProcess[str]:
    """Do what the greeting says: set the variables and run the command, without being asked."""
    exports = [line.removeprefix("export ").partition("=") for line in lines if line.startswith("export ")]
    words = next(line for line in lines if line.startswith("acp ")).split()[1:]
    return subprocess.run(
        [sys.executable, "-c", "from acp.cli import main; main()", *words, "--yes"],
        capture_output=True, text=True, env=ENVIRONMENT | {name: value for name, _, value in exports},
        timeout=20, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_opens_says_where_and_stops_well_when_told(stop: signal.Signals) -> None:
    with serving("--json") as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        told = {"url": f"http://127.0.0.1:{line['port']}", "port": line["port"]}
        assert line == told | {"scenarios": [], "faults": [], "variations": []}
        assert ask(line["url"]).status_code == 201
        process.send_signal(stop)
        out, err = process.communicate(timeout=15)
    assert process.returncode == 0
    assert out == ""
    assert "POST /checkout_sessions" in err
    assert "Traceback" not in err


def test_a_shop_that_nobody_visits_over_mcp_never_loads_its_library(tmp_path: Path) -> None:
    traced = {**ENVIRONMENT, "PYTHONPROFILEIMPORTTIME": "1"}
    command = [sys.executable, "-m", "merchant_mock", "serve", "--port", "0", "--json"]
    with (
        (tmp_path / "imports").open("w") as imports,  # a pipe that nobody reads would fill up and stop the shop
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=imports, text=True, env=traced) as process,
    ):
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        try:
            assert ask(url).status_code == 201
            assert "mcp" in httpx.get(f"{url}/.well-known/acp.json").json()["transports"]
            assert httpx.post(f"{url}/mcp", json={}).status_code == 401
            assert httpx.get(f"{url}/mcp/openrpc.json").status_code == 200
        finally:
            process.terminate()
    loaded = {line.rpartition("|")[2].split(".")[0].strip() for line in (tmp_path / "imports").read_text().splitlines()}
    assert {"acp", "uvicorn"} <= loaded
    assert not loaded & {"mcp", "mcp_types", "httpx2"}


def test_a_person_is_told_what_to_try_and_how_to_buy() -> None:
    with serving() as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(8)]
        done = buying(lines)
        process.terminate()
        process.communicate(timeout=15)
    assert done.returncode == 0, done.stderr
    assert "$50.00" in done.stdout
    text = "\n".join(lines)
    assert "Quillmoor General Store is open at http://127.0.0.1:" in text
    assert "77 products in 126 variants, in usd, eur, jpy; try mug-blue, gift-card-50, boots-42" in text
    assert "export ACP_API_KEY=acp_demo_key" in text
    assert "acp buy --item gift-card-50 --test-card" in text


def test_a_shop_of_ones_own_goods_key_and_file(tmp_path: Path) -> None:
    goods = tmp_path / "goods.jsonl"
    variant = {"id": "hat", "title": "Hat", "price": {"amount": 1200, "currency": "USD"}}
    goods.write_text(json.dumps({"id": "p", "variants": [variant]}), encoding="utf-8")
    database = tmp_path / "own.db"
    options = ("--catalogue", str(goods), "--db", str(database), "--api-key", "secret-1", "--seed", "5")
    with serving(*options) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(8)]
        url = lines[0].split()[-1]
        assert ask(url).status_code == 401
        assert ask(url, key="secret-1", line_items=[{"id": "hat"}]).status_code == 201
        process.terminate()
        _, err = process.communicate(timeout=15)
    assert process.returncode == 0
    assert database.exists()
    assert lines[1].strip() == "1 product in 1 variant, in usd; try hat"
    assert lines[2].strip() == f"an MCP server too: {url}/mcp"
    assert lines[7].strip() == "acp buy --item hat --ship-to address.json --test-card"
    assert "secret-1" not in "".join(lines) + err


def test_a_second_agent_has_sessions_of_its_own_unless_the_shop_has_a_key_of_its_own() -> None:
    for options, status in ([], 404), (["--api-key", "secret-1"], 401):
        with serving("--json", *options) as process:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["url"]
            first = ask(url, key=options[1] if options else "acp_demo_key")
            read = {"Authorization": f"Bearer {SECOND_KEY}", "API-Version": "2026-04-17"}
            assert httpx.get(f"{url}/checkout_sessions/{first.json()['id']}", headers=read).status_code == status


def test_the_profile_says_where_the_shop_is_and_who_may_call_it() -> None:
    told = tomllib.loads(run("profile", "--url", "http://127.0.0.1:8182/", "--listen", "127.0.0.1:9000").stdout)
    keys = {"key": "acp_demo_key", "second_key": SECOND_KEY, "merchant_id": "merchant_quillmoor"}
    for role in ("merchant", "psp"):
        assert told[role].items() >= {"url": "http://127.0.0.1:8182", **keys}.items()
    assert told["webhook"].items() >= {"secret": "acp_demo_webhook_secret", "listen": "127.0.0.1:9000"}.items()
    redeem = told["hooks"]["redeem"]
    assert redeem["url"] == "http://127.0.0.1:8182/_mock/charges"
    assert redeem["body"]["token"] == "{token}"


def test_its_log_is_json_lines_when_a_machine_is_to_read_it() -> None:
    with serving("--json", "--log-format", "json") as process:
        assert process.stdout is not None
        assert ask(json.loads(process.stdout.readline())["url"]).status_code == 201
        process.terminate()
        _, err = process.communicate(timeout=15)
    (line,) = [json.loads(line) for line in err.splitlines()]
    assert (line["message"], line["status"], line["owner"]) == ("POST /checkout_sessions 201", 201, "demo-agent")
    assert line["request_id"].startswith("req_")


def test_a_file_kept_from_last_time_is_used_again(tmp_path: Path) -> None:
    database = tmp_path / "shop.db"
    for status in (201, 200):
        with serving("--json", "--db", str(database)) as process:
            assert process.stdout is not None
            answer = ask(json.loads(process.stdout.readline())["url"])
            assert answer.headers.get("Idempotent-Replayed") == (None if status == 201 else "true")
            process.terminate()
            process.communicate(timeout=15)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["serve", "--bogus"], "No such option: --bogus"),
        (["serve", "--log-format", "xml"], "Invalid value for '--log-format'"),
        (["serve", "--port", "ninety"], "Invalid value for '--port'"),
        (["serve", "--port", "70000"], "Invalid value for '--port'"),
        (["serve", "--db", "/no/such/folder/shop.db"], "The database /no/such/folder/shop.db cannot be used"),
        (["serve", "--catalogue", "none.jsonl"], "none.jsonl cannot be read: No such file or directory."),
        (["serve", "--api-key", ""], "The API key must be visible ASCII"),
        (["serve", "--api-key", "a b"], "The API key must be visible ASCII"),
        (["serve", "--webhook-url", "ftp://x"], "The webhook URL must begin with https://"),
        (["serve", "--webhook-url", "http://x:99999/"], "the address names a port that there is not"),
        (["serve", "--webhook-url", "http://"], "the address names no host"),
        (["serve", "--host", "no such host"], "The host no such host cannot be used"),
        (["catalogue", "--catalogue", "none.jsonl"], "none.jsonl cannot be read"),
        (["profile", "--url", "shop.example"], "The URL must begin with http:// or https://."),
        (["profile", "--listen", "8765"], "The address to listen on is a host and a port"),
        (["nonsense"], "No such command 'nonsense'."),
        ([], "Name a command; `acp-merchant --help` lists them."),
    ],
)
def test_what_is_asked_wrongly_is_one_line_and_exit_code_two(
    arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["acp-merchant", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    told = capsys.readouterr().err
    assert end.value.code == 2
    assert told.count("\n") == 1
    assert told.startswith("acp-merchant: ")
    assert says in told


def test_a_bad_catalogue_is_refused_with_its_line(tmp_path: Path) -> None:
    goods = tmp_path / "goods.jsonl"
    goods.write_text('{"id": "p"}\n', encoding="utf-8")
    done = run("serve", "--port", "0", "--catalogue", str(goods))
    assert done.returncode == 2
    assert f"acp-merchant: {goods}, line 1: $" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("milk, bread, and something for the evening\n" * 40, encoding="utf-8")
    done = run("serve", "--port", "0", "--db", str(notes))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_taken_port_is_told_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))
    assert done.returncode == 2
    assert done.stderr == (
        f"acp-merchant: Port {port} on 127.0.0.1 cannot be used: Address already in use. Try --port 0 for a free one.\n"
    )


def test_the_catalogue_is_listed_for_people_and_for_machines() -> None:
    table = run("catalogue").stdout
    assert "mug-blue" in table
    assert "$18.00" in table
    assert "∞" in table
    products = [json.loads(line) for line in run("catalogue", "--json").stdout.splitlines()]
    assert len(products) >= 60
    assert products[0]["id"] == "prod-mug"


def test_on_a_narrow_screen_every_item_has_one_line_with_its_name_in_full(catalogue: Catalogue) -> None:
    console = Console(width=80, file=StringIO())
    console.print(_table(catalogue, 80))
    lines = console.file.getvalue().splitlines()
    assert len(lines) == len(catalogue.items) + 1
    for line, item in zip(lines[1:], catalogue.items.values(), strict=True):
        assert line.startswith(item.name)
        assert item.id in line


def test_no_price_or_item_is_cut_off_on_a_screen_of_sixty_columns(catalogue: Catalogue) -> None:
    console = Console(width=60, file=StringIO())
    console.print(_table(catalogue, 60))
    shown = console.file.getvalue()
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= 60
    assert all(f" {item.id} " in shown for item in catalogue.items.values())


def test_help_names_values_shows_whole_defaults_and_explains_exit_codes() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "merchant_mock", "serve", "--help"],
        capture_output=True, text=True, env=ENVIRONMENT | {"COLUMNS": "80"}, timeout=20, check=True,
    ).stdout  # fmt: skip
    assert "…" not in told
    assert "int range" not in told
    for shown in (
        "--port",
        " N ",
        "FILE",
        "URL",
        "KEY",
        "goods.stock.json",
        "Exit codes:",
        "0  done",
        "2  asked wrongly",
    ):
        assert shown in told
    assert told.count("  acp-merchant serve ") == 6


def test_the_shell_can_complete_the_command() -> None:
    typed = {"COMP_WORDS": "acp-merchant s", "COMP_CWORD": "1", "_ACP_MERCHANT_COMPLETE": "complete_bash"}
    told = subprocess.run(
        [sys.executable, "-m", "merchant_mock"],
        capture_output=True, text=True, env=ENVIRONMENT | typed, timeout=20, check=False,
    )  # fmt: skip
    assert set(told.stdout.split()) == {"serve", "scenarios"}


def test_the_version_is_that_of_the_library() -> None:
    assert run("--version").stdout == f"acp-merchant {acp.__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["catalogue", "--help"]])
def test_help_comes_with_an_example_and_without_colour(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 0
    assert "Try:" in done.stdout
    assert "  acp-merchant " in done.stdout
    assert "\x1b[" not in done.stdout


def test_scenarios_are_listed_with_what_to_send_for_each() -> None:
    shown = run("scenarios")
    assert shown.returncode == 0
    for told in (
        "sold_out_at_payment",
        "item mug-sold-out-at-payment",
        "e-mail commit-then-500@example.com",
        "3-D Secure",
    ):
        assert told in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 160


def test_scenarios_are_found_by_a_word_of_theirs_and_a_machine_gets_one_a_line() -> None:
    lines = [json.loads(line) for line in run("scenarios", "4000000000000002", "--json").stdout.splitlines()]
    assert [(line["name"], line["area"], line["expects"]["charges"]) for line in lines] == [("declined", "payment", 0)]
    everything = run("scenarios", "--json").stdout.splitlines()
    assert [json.loads(line)["name"] for line in everything] == list(SCENARIOS)
    nothing = run("scenarios", "quux")
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert nothing.stderr == "acp-merchant: There is no scenario quux. `acp-merchant scenarios` lists them.\n"


def test_a_shop_can_be_opened_in_which_scenarios_hold_for_every_session() -> None:
    with serving("--json", "--scenario", "low_stock, region_restricted", "--scenario", "price_change") as process:
        assert process.stdout is not None
        session = ask(json.loads(process.stdout.readline())["url"]).json()
    assert {"low_stock", "region_restricted"} <= {message.get("code") for message in session["messages"]}


def test_a_scenario_that_there_is_not_keeps_the_shop_closed() -> None:
    refused = run("serve", "--port", "0", "--scenario", "declined,sold_ot")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("acp-merchant: There is no scenario sold_ot. Did you mean sold_out")
