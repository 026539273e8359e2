"""The README's examples run as they are written, against the shop it tells the reader to start."""

from __future__ import annotations

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

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
SHELL = [block for language, block in BLOCKS if language == "sh"]
PYTHON = [block for language, block in BLOCKS if language == "python"]
SERVE = next(block for block in SHELL if "acp-merchant serve" in block)
PORT = SERVE.split("--port ")[1].strip()
BUY = next(block for block in SHELL if "acp buy" in block)
RUN = next(block for block in SHELL if "acp-conformance run" in block)
REQUIREMENTS = next(block for block in SHELL if "acp-conformance requirements" in block)


def command(block: str) -> list[str]:
    """A command line of the README, run from this checkout."""
    name, *arguments = shlex.split(block)
    return [sys.executable, "-c", f"import agentic_commerce; agentic_commerce.{name.replace('-', '_')}()", *arguments]


@pytest.fixture
def shop():
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(PORT))) != 0, f"something else listens on port {PORT} of the README"
    with subprocess.Popen(command(SERVE), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{PORT}/.well-known/acp.json"
        for _ in range(400):
            try:
                httpx.get(address, trust_env=False)
                break
            except httpx.TransportError:
                assert process.poll() is None, "the shop of the README did not open"
                time.sleep(0.05)
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0


def test_it_has_three_sentences_and_two_commands():
    opening = (ROOT / "README.md").read_text().partition("```")[0].partition("\n")[2]
    bare = re.sub(r"\]\([^)]*\)", "]", opening)
    assert len(re.findall(r"\.(?:\s|$)", bare)) == 3
    assert [line.split("#")[0].strip() for line in SHELL[0].strip().splitlines()] == ["make demo", "make test"]


def test_the_examples_run_as_written_against_the_shop_it_opens(shop, tmp_path):
    the_terminal_example_buys()
    the_python_examples_run(tmp_path)
    the_shop_is_judged(tmp_path)


def the_shop_is_judged(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    judged = subprocess.run(
        command(RUN), cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert judged.returncode == 2, judged.stderr  # nothing failed; what needs a way to pay was not judged
    assert "incomplete  acp@2026-04-17" in judged.stdout


def the_terminal_example_buys():
    ours, theirs = os.openpty()  # it asks before paying, and only at a terminal
    os.write(ours, b"y\n")
    bought = subprocess.run(
        command(BUY), cwd=ROOT, stdin=theirs, capture_output=True, text=True, timeout=60, check=False
    )
    os.close(ours), os.close(theirs)
    assert bought.returncode == 0, bought.stderr
    assert "Stoneware mug" in bought.stdout


def the_python_examples_run(tmp_path):
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    printed = []
    for block in PYTHON:
        run = subprocess.run(
            [sys.executable, "-c", block],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        printed.append(run.stdout)
    assert any(text.startswith("completed ") for text in printed)
    assert any("$.status" in text for text in printed)


def test_the_rules_for_a_shop_can_be_read():
    listed = subprocess.run(command(REQUIREMENTS), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert listed.returncode == 0, listed.stderr
    assert "checkout.idempotency." in listed.stdout


def test_make_demo_tells_the_whole_story():
    told = subprocess.run(["make", "demo"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "order_create" in told.stdout
    assert told.stdout.strip().endswith("nothing is left running.")
