"""`acp-merchant scenarios`: listed at any width with values that can be copied, found by words, explained singly."""

from __future__ import annotations

import json
import sys
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from merchant_mock import cli
from merchant_mock.cli import scenarios
from merchant_mock.scenarios.scenario import SCENARIOS


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command in this process; returns its exit code and what it wrote."""

    def ran(*words: str) -> tuple[Any, str, str]:
        monkeypatch.setattr(sys, "argv", ["acp-merchant", "scenarios", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, *capsys.readouterr()

    return ran


@pytest.mark.parametrize("width", [200, 100, 99, 80, 60])
def test_every_value_stands_whole_at_any_width(width: int) -> None:
    console = Console(width=width, file=StringIO(), markup=False)
    console.print(scenarios.listing(SCENARIOS.values(), width))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, shown.splitlines())) <= width
    for scenario in SCENARIOS.values():
        assert all(word in shown for _, value in scenario.sends.values() for word in value.split())


def test_one_scenario_is_explained_call_by_call(say: Any) -> None:
    code, out, _ = say("commit_then_500")
    text = " ".join(out.split())
    assert code == 0
    assert text.startswith("commit_then_500 Complete is carried out, then answered with a 500; the same key")
    assert "e-mail commit-then-500@example.com header ACP-Mock-Scenario: commit_then_500" in text
    assert "what a caller sees create: 201 ready_for_payment complete: 500 internal_error complete again: 200" in text
    assert text.endswith("acp-merchant serve --scenario commit_then_500")


def test_a_name_means_its_scenario_alone_also_for_machines(say: Any) -> None:
    _, out, _ = say("declined", "--json")
    assert [json.loads(line)["name"] for line in out.splitlines()] == ["declined"]


def test_several_words_narrow_the_list(say: Any) -> None:
    _, out, _ = say("3-D", "BANK", "declines")
    assert "3ds_then_declined" in out
    assert "insufficient_funds" not in out
    assert out.endswith(f"\n1 of {len(SCENARIOS)} scenarios\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["declinde"], "There is no scenario declinde. Did you mean declined"),
        (["declined", "moon"], "No scenario has all of these words: declined moon."),
    ],
)
def test_what_is_not_there_is_one_line_and_exit_code_two(say: Any, words: list[str], says: str) -> None:
    code, out, err = say(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err
