"""The command run in this process as a shell would run it, against a shop that answers as a test scripts it."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from acp.cli import main
from tests.acp.cli.shop import KEY, SHOP, ScriptedShop


@dataclass(frozen=True)
class Ran:
    """What a run of the command left behind."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one error line."""
        lines = [line.removeprefix("acp: ") for line in re.findall(r"acp: .*", self.err)]
        assert len(lines) <= 1, self.err
        return lines[0] if lines else ""


class Terminal(io.StringIO):
    """An input that somebody types at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def shop(httpx_mock) -> ScriptedShop:
    scripted = ScriptedShop()
    httpx_mock.add_callback(scripted, is_reusable=True, is_optional=True)
    return scripted


@pytest.fixture(autouse=True)
def _a_clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BASE_URL", "API_KEY", "PSP_KEY", "TOKEN", "CARD_NUMBER", "CARD_EXPIRY", "CARD_CVC"):
        monkeypatch.delenv(f"ACP_{name}", raising=False)
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("acp.client.purchase.PAUSE_SECONDS", 0.0)
    monkeypatch.setattr("acp.client.retries.BASE_SECONDS", 0.0)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run the command with arguments; `typed` is what somebody types at a terminal, None means there is none."""

    def command(*arguments: str, typed: str | None = None) -> Ran:
        monkeypatch.setattr(sys, "argv", ["acp", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO() if typed is None else Terminal(typed))
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        return Ran(int(left.value.code or 0), captured.out, captured.err)

    return command


@pytest.fixture
def buy(run: Callable[..., Ran]) -> Callable[..., Ran]:
    """`acp buy` of a mug with the test card, agreed to in advance; further arguments are added."""

    def command(*arguments: str, typed: str | None = None) -> Ran:
        agreed = [] if typed is not None else ["--yes"]
        return run("buy", SHOP, "--item", "mug", "--test-card", "--api-key", KEY, *agreed, *arguments, typed=typed)

    return command


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Any], str]:
    """Writes a file, JSON unless its content is text, and returns its path."""

    def file(name: str, content: Any) -> str:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    return file
