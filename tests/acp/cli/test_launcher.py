"""The console entry points, where another package has taken the name `acp` or an extra is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import agentic_commerce

ROOT = Path(__file__).parents[3]


def launched(
    entry: str, *before: Path, arguments: tuple[str, ...] = ("--version",)
) -> subprocess.CompletedProcess[str]:
    """Run an entry point with folders that come before this one on the path."""
    path = [*map(str, before), str(ROOT)]
    code = f"import sys; sys.path[:0] = {path!r}; import agentic_commerce; agentic_commerce.{entry}()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd="/", capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder with somebody else's package `acp`, as an installer would leave it."""
    (tmp_path / "acp").mkdir()
    (tmp_path / "acp" / "__init__.py").write_text("answer = 42\n")
    about = tmp_path / "agent_protocol-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: agent-protocol\nVersion: 1.0\n")
    (about / "RECORD").write_text("acp/__init__.py,,\n")
    return tmp_path


COMMANDS = [("acp", "acp"), ("acp_merchant", "acp-merchant"), ("acp_conformance", "acp-conformance")]


@pytest.mark.parametrize(("entry", "command"), COMMANDS)
def test_a_foreign_package_of_the_same_name_is_named_in_one_line(foreign, entry, command):
    ran = launched(entry, foreign)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr.startswith(f"{command}: the Python package 'acp' belongs to agent-protocol here")
    assert len(ran.stderr.splitlines()) == 1


def test_a_foreign_package_that_cannot_even_be_imported_is_told_too(foreign):
    (foreign / "acp" / "__init__.py").write_text("import a_library_that_is_not_here\n")
    ran = launched("acp", foreign)
    assert ran.returncode == 2
    assert "agent-protocol" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_foreign_package_that_nobody_installed_is_something_else(tmp_path):
    (tmp_path / "acp").mkdir()
    (tmp_path / "acp" / "__init__.py").write_text("")
    assert "belongs to something else here" in launched("acp", tmp_path).stderr


@pytest.mark.parametrize(("entry", "command"), COMMANDS)
def test_our_own_package_is_run(entry, command):
    ran = launched(entry)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(f"{command} ")


@pytest.mark.parametrize(
    ("command", "extra", "missing"),
    [
        ("acp-merchant", "mock", "starlette"),
        ("acp-merchant", "mock", "uvicorn"),
        ("acp-conformance", "conformance", "yaml"),
    ],
)
def test_a_missing_extra_is_told_with_what_to_install(monkeypatch, capsys, command, extra, missing):
    monkeypatch.setattr(agentic_commerce, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(SystemExit) as left:
        getattr(agentic_commerce, command.replace("-", "_"))()
    assert left.value.code == 2
    says = f'{command} needs the "{extra}" extra: pip install "agentic-commerce[{extra}]"\n'
    assert capsys.readouterr().err == says


@pytest.mark.parametrize(
    ("entry", "command"),
    [("acp", "acp.cli"), ("acp_merchant", "merchant_mock.cli"), ("acp_conformance", "conformance.cli")],
)
def test_an_entry_point_hands_over_to_its_command(monkeypatch, entry, command):
    called: list[str] = []
    monkeypatch.setattr(f"{command}.main", lambda: called.append(command))
    getattr(agentic_commerce, entry)()
    assert called == [command]


def test_a_foreign_package_is_refused_in_this_process_too(monkeypatch, capsys):
    monkeypatch.setattr("acp.__distribution__", "another")
    monkeypatch.setattr(agentic_commerce, "packages_distributions", lambda: {"acp": ["b", "a", "agentic-commerce"]})
    with pytest.raises(SystemExit):
        agentic_commerce.acp()
    assert "belongs to a and b here" in capsys.readouterr().err
    monkeypatch.delattr("acp.__distribution__")
    with pytest.raises(SystemExit):
        agentic_commerce.acp()
