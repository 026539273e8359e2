"""The shops with faults and variations on the page for integrators are opened and bought from, and end as it says."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from merchant_mock import cli
from merchant_mock.faults import FAULTS
from merchant_mock.variations import VARIATIONS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "integrators.md").read_text()
ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "ACP_API_KEY": "acp_demo_key"}


def section(title: str) -> tuple[str, list[str]]:
    """The text under a heading, and the lines of its shell."""
    text = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    (shell,) = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return text, shell.splitlines()


@contextmanager
def served(command: str) -> Iterator[str]:
    """The shop of a line of the page, on a free port; yields where it is."""
    words = [*shlex.split(command.removesuffix(" &"))[1:], "--port", "0", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "merchant_mock", *words],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENVIRONMENT,
    )  # fmt: skip
    with process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.kill()


def bought(command: str, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from acp.cli import main; main()", *shlex.split(command)[1:]],
        capture_output=True, text=True, env=ENVIRONMENT | {"ACP_BASE_URL": url}, timeout=30, check=False,
    )  # fmt: skip


def test_a_shop_with_a_fault_is_not_bought_from() -> None:
    text, (serve, buy) = section("A shop with a fault in it")
    with served(serve) as url:
        done = bought(buy, url)
    assert f"exits with {done.returncode}." in text
    assert "The session states no total." in done.stderr
    assert "is canceled" in done.stderr


def test_an_unusual_shop_is() -> None:
    _, (serve, buy) = section("An unusual shop")
    with served(serve) as url:
        done = bought(buy, url)
    assert done.returncode == 0, done.stderr
    assert "50.00" in done.stdout


@pytest.mark.parametrize(("page", "table"), [("faults.md", FAULTS), ("variations.md", VARIATIONS)])
def test_every_lever_is_on_its_page(page: str, table: dict[str, object]) -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\|$", (ROOT / "docs" / page).read_text(), re.MULTILINE)
    assert rows == list(table)


LISTINGS = re.findall(r"`(acp-merchant (?:faults|variations)[a-z ]*)`", PAGE)


@pytest.mark.parametrize("command", sorted(set(LISTINGS)))
def test_a_listing_that_the_page_names_finds_something(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", shlex.split(command))
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0
    assert re.search(r"^[1-9][0-9,]* of ", capsys.readouterr().out, re.MULTILINE)
