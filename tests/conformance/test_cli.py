"""The command `acp-conformance`, as people and machines use it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from conformance import BadCatalogue, Readings, catalogue, cli
from conformance.catalogue import Catalogue, Requirement
from conformance.cli import app as command
from conformance.cli import explain, requirements
from conformance.cli.outcome import MEANINGS, Code

ROOT = Path(__file__).parents[2]
PLAIN = {**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "80"}
ENTRY = "import agentic_commerce; agentic_commerce.acp_conformance()"


def asked(*arguments: str) -> str:
    """What the command says on standard output, within this process."""
    result = CliRunner().invoke(command.app, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def ended(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["acp-conformance", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code


def at_80_columns(what: object) -> list[str]:
    out = Console(file=io.StringIO(), width=80, color_system=None)
    out.print(what)
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


def test_the_list_says_level_role_id_and_statement_and_how_many_there_are():
    said = asked("requirements", "--area", "3ds", "--level", "MUST", "--role", "merchant")
    assert "MUST      checkout.3ds.status-set" in said
    assert "merchant  When issuer authentication is needed" in said
    assert "checkout.3ds.agent.attempts" not in said
    assert said.endswith("\n11 of 1,496 requirements\n")
    assert max(map(len, said.splitlines())) == 100


def test_the_whole_list_fits_80_columns_with_every_id_in_one_piece():
    lines = at_80_columns(requirements.table(list(catalogue())))
    assert max(map(len, lines)) <= 80
    shown = {word for line in lines for word in line.split()}
    assert {requirement.id for requirement in catalogue()} <= shown


@pytest.mark.parametrize(
    ("id", "caveat"),
    [
        ("checkout.3ds.metadata.required-members", ""),
        ("checkout.3ds.status-set", "(reading A07)"),
        ("cart.create.quantity", "(disputed, reading CA-1, derived)"),
    ],
)
def test_the_list_says_what_is_not_plainly_stated(id, caveat):
    text = " ".join(" ".join(line[10:] for line in at_80_columns(requirements.table([catalogue()[id]]))).split())
    assert text.endswith(caveat or catalogue()[id].statement)


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_its_own_width_and_colour_unless_it_wants_none(monkeypatch, no_color, coloured):
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "60", "NO_COLOR": no_color}.items():
        monkeypatch.setenv(name, value)
    said = asked("requirements", "--area", "auth")
    assert ("\x1b[31mMUST" in said) is coloured
    bare = re.sub(r"\x1b\[[0-9;]*m", "", said)
    assert max(map(len, bare.splitlines())) == 60


def test_levels_roles_and_statuses_may_be_typed_small_and_given_several_times():
    found = json.loads(asked("requirements", "--level", "must", "--level", "must not", "--role", "PSP", "--json"))
    assert len(found) == len(catalogue().select(levels=["MUST", "MUST NOT"], roles=["psp"]))
    assert {record["level"] for record in found} == {"MUST", "MUST NOT"}
    provisional = json.loads(asked("requirements", "--status", "provisional", "--json"))
    assert [record["since"] for record in provisional] == ["unreleased"] * 11


def test_a_machine_gets_every_record_with_every_member():
    found = json.loads(asked("requirements", "--json"))
    assert len(found) == 1496
    assert {frozenset(record) for record in found} == {frozenset(Requirement.__dataclass_fields__)}
    assert [record["id"] for record in found] == [requirement.id for requirement in catalogue()]


def test_a_search_that_finds_nothing_is_no_failure():
    assert asked("requirements", "--search", "no-such-word").strip() == "0 of 1,496 requirements"
    assert json.loads(asked("requirements", "--search", "no-such-word", "--json")) == []


def test_one_requirement_is_told_in_full():
    said = asked("explain", "checkout.3ds.metadata.required-members")
    assert said.splitlines()[:2] == ["checkout.3ds.metadata.required-members", "MUST · merchant · 3ds"]
    told = dict(line.split("  ", 1) for line in said.splitlines() if "  " in line.strip())
    assert told["since"].strip() == "2025-12-12"
    assert told["status"].strip() == "normative: the protocol says so"
    assert told["restated by"].strip() == "delegate-auth.handback.metadata-members"
    assert told["testable"].strip().startswith("needs-setup: a test credential")
    assert told["how"].strip().startswith("validate")
    assert not {"until", "reading", "derived", "same as"} & set(told)


def test_the_other_end_of_a_restatement_is_told_too():
    said = asked("explain", "delegate-auth.handback.metadata-members")
    assert "same as   checkout.3ds.metadata.required-members" in said


def test_what_is_disputed_or_inferred_is_told_to_warn_at_most():
    said = asked("explain", "cart.create.quantity")
    assert "disputed: the sources part here, so it can at most warn" in said
    assert "inferred, not stated, so it can at most warn" in said
    assert "CA-1 Quantity in a cart" in said


def test_a_rule_for_both_ends_that_has_no_test_is_told_so():
    said = asked("explain", "checkout.affiliate.new-fields")
    assert "MAY · either end of the wire · affiliate" in said
    assert "not-testable: a permission about later versions" in said
    assert "how" not in said.split()


def test_an_end_of_a_rule_is_told():
    only = Requirement(
        id="tea.pot", level="MAY", role="agent", area="tea", statement="Warm.", source="a; b", since="2025-09-29",
        until="2026-01-30", status="normative", testable="black-box", how="touch it",
    )  # fmt: skip
    lines = at_80_columns(explain.explanation("tea.pot", Catalogue([only]), Readings([])).page())
    assert "until     2026-01-30" in lines
    assert lines[lines.index("source    a") + 1].strip() == "b"
    assert "testable  black-box" in lines


def test_a_machine_gets_one_record():
    told = json.loads(asked("explain", "cart.create.quantity", "--json"))
    record = told["requirement"]
    assert (record["id"], record["area"], record["derived"]) == ("cart.create.quantity", "cart", True)
    assert [reading["id"] for reading in told["readings"]] == ["CA-1"]
    assert told["restated_by"] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["explain", "status-set"], "There is no requirement or reading 'status-set'. Did you mean checkout.3ds.st"),
        (["explain", "a1"], "There is no requirement or reading 'a1'. Did you mean A10 or A11 or A12?"),
        (["explain", "zzzz"], "There is no requirement or reading 'zzzz'."),
        (["explain"], "Missing argument"),
        (["requirements", "--area", "kitchen"], "Invalid value for '--area': 'kitchen' is not one of 3ds, affiliate,"),
        (["requirements", "--level", "SHALL"], "Invalid value for '--level': 'SHALL' is not one of MUST, MUST NOT,"),
        (["requirements", "--role", "buyer"], "Invalid value for '--role': 'buyer' is not one of merchant, psp,"),
        (["requirements", "--status", "old"], "Invalid value for '--status': 'old' is not one of normative,"),
        (["requirements", "--bogus"], "No such option: --bogus"),
        (["nonsense"], "No such command 'nonsense'."),
        ([], "name a command, such as run; --help lists them."),
    ],
)
def test_what_is_asked_wrongly_is_one_line_and_exit_code_three(monkeypatch, capsys, arguments, says):
    assert ended(monkeypatch, *arguments) == 3
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.startswith(f"acp-conformance: {says}")


def test_a_damaged_installation_is_one_line_and_exit_code_three(monkeypatch, capsys):
    def damaged():
        raise BadCatalogue("tea.yaml", "tea.pot", "how is missing.")

    monkeypatch.setattr(requirements, "catalogue", damaged)
    assert ended(monkeypatch, "requirements") == 3
    assert capsys.readouterr().err == "acp-conformance: tea.yaml: tea.pot: how is missing.\n"


@pytest.mark.parametrize("inside", [True, False])
def test_an_interruption_is_one_line_and_exit_code_130(monkeypatch, capsys, inside):
    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    if inside:
        monkeypatch.setattr(requirements, "catalogue", interrupted)
    else:
        monkeypatch.setattr(command, "app", interrupted)
    assert ended(monkeypatch, "requirements") == 130
    assert capsys.readouterr().err.strip() == "acp-conformance: interrupted."


def test_a_stream_that_cannot_be_told_how_to_encode_is_used_as_it_is(monkeypatch):
    out = io.BytesIO()

    class Bare:
        encoding = "utf-8"

        def write(self, text: str) -> int:
            return out.write(text.encode())

        def flush(self) -> None: ...

    monkeypatch.setattr(sys, "stdout", Bare())
    assert ended(monkeypatch, "explain", "cart.create.quantity", "--json") == 0
    assert json.loads(out.getvalue())["requirement"]["id"] == "cart.create.quantity"


def test_the_version_is_that_of_the_distribution(monkeypatch, capsys):
    assert ended(monkeypatch, "--version") == 0
    assert capsys.readouterr().out == f"acp-conformance {version('agentic-commerce')}\n"


@pytest.mark.parametrize(
    "arguments", [["--help"], ["requirements", "--help"], ["readings", "--help"], ["explain", "--help"]]
)
def test_help_gives_an_example_and_every_exit_code(arguments):
    said = asked(*arguments)
    assert "acp-conformance " in said.partition("Try:")[2]
    assert set(MEANINGS) == set(Code)
    for code, meaning in MEANINGS.items():
        assert f"{int(code)}  {meaning}" in said


def test_as_a_process_of_its_own_it_speaks_without_colour_and_bears_a_reader_who_leaves():
    run = subprocess.run(
        [sys.executable, "-c", ENTRY, "requirements", "--area", "auth"],
        cwd=ROOT, env=PLAIN, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.rstrip().endswith("14 of 1,496 requirements")
    assert "\x1b[" not in run.stdout
    with subprocess.Popen(
        [sys.executable, "-c", ENTRY, "requirements"], cwd=ROOT, env=PLAIN,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as left:  # fmt: skip
        assert left.stdout is not None
        assert left.stderr is not None
        left.stdout.readline()
        left.stdout.close()
        assert left.stderr.read() == ""
