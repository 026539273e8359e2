"""The command as a process of its own, against a shop on a real socket: exit codes, streams, signals."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import acp
from merchant_mock.app import DEMO_KEY
from merchant_mock.serving import bind, url_of
from tests.acp.cli.shop import DISCOVERY, SESSION
from tests.acp.client.real_shop import HOME, opened, served

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "import agentic_commerce; agentic_commerce.acp()"]


def environment(**variables: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ACP_")}
    return {**inherited, "ACP_API_KEY": DEMO_KEY, **variables}


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with opened(tmp_path_factory.mktemp("shop")) as address:
        yield address


@pytest.fixture
def home(tmp_path: Path) -> str:
    path = tmp_path / "home.json"
    path.write_text(json.dumps(HOME))
    return str(path)


def test_something_is_bought(url, home):
    ran = run("buy", url, "--item", "mug-blue=2", "--ship-to", home, "--test-card", "--yes", "--json")
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["outcome"] == "bought"
    assert found["session"]["line_items"][0]["quantity"] == 2
    assert found["order"]["permalink_url"]


def test_the_receipt_is_all_that_standard_output_gets(url, home):
    ran = run("buy", url, "--item", "mug-blue", "--ship-to", home, "--test-card", "--yes", "--max-total", "100")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Order ")
    assert "✓" not in ran.stdout
    assert "\x1b" not in ran.stdout + ran.stderr


def test_a_stream_that_cannot_show_a_sign_does_not_spoil_a_purchase(url, home):
    ran = run("buy", url, "--item", "mug-blue", "--ship-to", home, "--test-card", "--yes", PYTHONIOENCODING="ascii")
    assert ran.returncode == 0, ran.stderr
    assert "Order " in ran.stdout


def test_a_plain_locale_gets_signs_that_can_be_read(url, home):
    ran = run("buy", url, "--item", "mug-blue", "--ship-to", home, "--test-card", "--yes", LC_ALL="C")
    assert ran.returncode == 0, ran.stderr
    assert (ran.stdout + ran.stderr).isascii()
    assert "?" not in ran.stdout + ran.stderr
    assert "OK Paid" in ran.stderr
    assert "1 x Stoneware mug - Blue" in ran.stdout


@pytest.mark.parametrize("format", [[], ["--json"]])
def test_a_reader_that_went_away_does_not_make_a_purchase_a_failure(url, home, format):
    ours, theirs = os.pipe()
    os.close(ours)
    ran = subprocess.run(
        [*COMMAND, "buy", url, "--item", "mug-blue", "--ship-to", home, "--test-card", "--yes", *format],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    assert ran.returncode == 0


def test_goods_that_need_3_d_secure_end_with_4(url, home):
    ran = run("buy", url, "--item", "telescope-3ds", "--ship-to", home, "--test-card", "--yes")
    assert ran.returncode == 4, ran.stderr


def test_the_package_runs_as_a_command():
    ran = subprocess.run(
        [sys.executable, "-m", "acp", "--version"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, f"acp {acp.__version__}\n")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no terminals")
def test_a_terminal_of_80_columns_breaks_lines_between_words_and_no_address():
    link = "https://shop.test/" + "x" * 80
    speaking = (
        "from acp.cli.screen import Screen; from acp.cli.facts import Facts; s = Screen();"
        f"s.note('word ' * 30); s.failed('see ' * 15 + '{link}'); s.result(Facts([('Page', '{link}'), ('No', None)]))"
    )
    ours, theirs = os.openpty()
    spoken = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    shown = {"COLUMNS": "80", "TERM": "xterm"}
    subprocess.run([sys.executable, "-c", speaking], cwd=ROOT, env=environment(**shown), check=True, **spoken)
    os.close(theirs)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", os.read(ours, 100_000).decode()).splitlines()
    os.close(ours)
    assert sum(link in line for line in lines) == 2
    assert all(len(line) <= 80 or link in line for line in lines), lines
    assert {word for line in lines[:2] for word in line.split()} == {"word"}


@pytest.mark.parametrize(
    ("number", "code"), [("4000000000000002", 1), ("4000000000003220", 4), ("4000000000000259", 0), ("4242", 2)]
)
def test_the_card_decides_the_exit_code(url, home, number, code):
    ran = run(
        "buy", url, "--item", "mug-blue", "--ship-to", home, "--yes", ACP_CARD_NUMBER=number, ACP_CARD_EXPIRY="09/34"
    )
    assert ran.returncode == code, ran.stderr
    assert number not in ran.stdout + ran.stderr


def test_a_session_that_is_not_ready_ends_with_1(url):
    ran = run("buy", url, "--item", "mug-blue", "--test-card", "--yes")
    assert ran.returncode == 1
    assert "We need an address to deliver to. Add --ship-to FILE." in ran.stderr


def test_nobody_listening_ends_with_3():
    with bind("127.0.0.1", 0) as listener:
        address = url_of(listener)
    for ran in (run("discover", address), run("buy", address, "--item", "mug-blue", "--test-card", "--yes")):
        assert ran.returncode == 3
        assert "Traceback" not in ran.stderr
        assert address in ran.stderr


def test_wrong_use_ends_with_2_and_no_traceback():
    for arguments in ([], ["buy"], ["buy", "x", "--item"], ["nope"], ["discover", "not a url"]):
        ran = run(*arguments)
        assert ran.returncode == 2, arguments
        assert ran.stderr.startswith("acp: ")
        assert len(ran.stderr.splitlines()) == 1


def test_the_version_and_the_help_are_told():
    assert run("--version").stdout == f"acp {acp.__version__}\n"
    for command in ([], ["discover"], ["buy"]):
        told = run(*command, "--help")
        assert told.returncode == 0
        for code in (0, 1, 2, 3, 4, 5, 6, 130):
            listed = f"\n {code:>5}  " in told.stdout
            assert listed == (command != ["discover"] or code not in (4, 5, 6)), (command, code)
        own = [line for line in told.stdout.splitlines() if "--help" not in line and "-completion" not in line]
        assert not [line for line in own if "<bool>" in line or "<path>" in line.lower()]
    for metavar in ("URL", "ID", "N", "FILE", "AMOUNT"):
        assert re.search(rf" {metavar} ", run("buy", "--help").stdout), metavar
    assert "acp buy https://shop.example --item" in run("buy", "--help").stdout


def test_a_shell_can_complete_the_command():
    completed = run(_ACP_COMPLETE="complete_bash", COMP_WORDS="acp d", COMP_CWORD="1")
    assert completed.stdout.split() == ["discover"]


class SlowShop:
    """A shop that never ends an update, and notes that a session was canceled."""

    def __init__(self) -> None:
        self.updating = threading.Event()
        self.canceled = threading.Event()
        self.app = Starlette(
            routes=[
                Route("/.well-known/acp.json", self.discover),
                Route("/checkout_sessions", self.create, methods=["POST"]),
                Route("/checkout_sessions/cs_1", self.update, methods=["POST"]),
                Route("/checkout_sessions/cs_1/cancel", self.cancel, methods=["POST"]),
            ]
        )

    async def discover(self, request: Request) -> Response:
        return JSONResponse(DISCOVERY | {"api_base_url": str(request.base_url)})

    async def create(self, request: Request) -> Response:
        return JSONResponse(SESSION, 201)

    async def update(self, request: Request) -> Response:
        self.updating.set()
        while not await request.is_disconnected():
            await asyncio.sleep(0.01)
        return Response()

    async def cancel(self, request: Request) -> Response:
        self.canceled.set()
        return JSONResponse(SESSION | {"status": "canceled"})


def test_ctrl_c_cancels_an_open_session_and_says_so(home):
    shop = SlowShop()
    with (
        served(shop.app) as address,
        subprocess.Popen(
            [*COMMAND, "buy", address, "--item", "mug", "--ship-to", home, "--test-card", "--yes"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert shop.updating.wait(30)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert shop.canceled.is_set()
    assert out == ""
    assert "acp: interrupted. Checkout session cs_1 is canceled." in err
    assert "Traceback" not in err
