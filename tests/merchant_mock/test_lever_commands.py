"""Faults and variations on the command line: set, listed, explained one by one, and completed by the shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from typing import Any

import httpx
import pytest
from rich.console import Console

from merchant_mock import cli
from merchant_mock.cli import levers
from merchant_mock.cli.names import listed
from merchant_mock.faults import FAULTS
from merchant_mock.levers import Lever
from merchant_mock.variations import VARIATIONS
from merchant_mock.wire.edits import EDITS
from merchant_mock.wire.wording import told
from tests.merchant_mock.test_cli import ENVIRONMENT, ask, run, serving


def asked(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """Run the command in this process; it ends by SystemExit with its code."""
    monkeypatch.setattr(sys, "argv", ["acp-merchant", *words])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0


@pytest.fixture
def told_by(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def ran(*words: str) -> str:
        asked(monkeypatch, *words)
        return capsys.readouterr().out

    return ran


def drawn(width: int, kind: str, rows: list[Lever]) -> list[str]:
    console = Console(width=width, file=StringIO(), markup=False)
    console.print(levers.listing(kind, rows, width))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_a_shop_is_served_with_what_is_asked_for_and_says_so_to_machines() -> None:
    options = ("--fault", "amounts_are_decimals", "--variation", "uuid_ids,bare_session", "--variation", "uuid_ids")
    with serving("--json", *options) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        made = ask(line["url"]).json()
    assert line["faults"] == ["amounts_are_decimals"]
    assert line["variations"] == ["uuid_ids", "bare_session"]
    assert isinstance(made["totals"][0]["amount"], float)
    assert made["id"].count("-") == 4
    assert "protocol" not in made


def test_a_person_is_told_in_the_greeting() -> None:
    with serving("--fault", "amounts_are_decimals", "--variation", "uuid_ids,no_links") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(5)]
    assert lines[3:] == ["  faults: amounts_are_decimals\n", "  variations: uuid_ids, no_links\n"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["serve", "--fault", "amount_are_decimals"],
            "no fault amount_are_decimals. Did you mean amounts_are_decimals",
        ),
        (["serve", "--variation", "no_links,uuid"], "There is no variation uuid. Did you mean uuid_ids"),
        (["serve", "--variation", "qwxz"], "There is no variation qwxz. `acp-merchant variations` lists them."),
        (["serve", "--variation", ""], "There is no variation without a name."),
        (["serve", "--fault", "amounts_are_decimals,"], "There is no fault without a name."),
        (["serve", "--fault", "uuid_ids"], "There is no fault uuid_ids."),
        (["faults", "amount_are_decimals"], "Did you mean amounts_are_decimals"),
        (["variations", "qwxz"], "There is no variation qwxz."),
        (["variations", "qwxz", "zzz"], "No variation has all of these words: qwxz zzz."),
        (["variations", "--area", "moon"], "There is no area moon of variations. There are: capabilities, "),
        (["faults", "--bogus"], "No such option: --bogus"),
    ],
)
def test_what_is_asked_wrongly_is_one_line_and_exit_code_two(
    words: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["acp-merchant", *words])
    with pytest.raises(SystemExit) as end:
        cli.main()
    err = capsys.readouterr().err
    assert (end.value.code, err.count("\n")) == (2, 1)
    assert says in err


def test_names_are_taken_with_commas_or_one_by_one_and_each_once() -> None:
    assert listed(["a, b", "c", "a"]) == ["a", "b", "c"]
    assert listed(None) == []


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("serve --fault amounts_are_d", ["amounts_are_decimals"]),
        ("serve --variation uuid_ids,uu", []),
        ("serve --variation no_links,uu", ["no_links,uuid_ids"]),
        ("serve --scenario declined,slow_pa", ["declined,slow_payment"]),
        ("faults amounts_are_d", ["amounts_are_decimals"]),
        ("variations long", ["long_ids"]),
    ],
)
def test_the_shell_completes_names(typed: str, offered: list[str]) -> None:
    words = f"acp-merchant {typed}"
    place = str(typed.count(" ") + 1)
    completing = {"COMP_WORDS": words, "COMP_CWORD": place, "_ACP_MERCHANT_COMPLETE": "complete_bash"}
    done = subprocess.run(
        [sys.executable, "-m", "merchant_mock"],
        capture_output=True, text=True, env=ENVIRONMENT | completing, timeout=20, check=False,
    )  # fmt: skip
    assert done.stdout.split() == offered


@pytest.mark.parametrize(("kind", "table"), [("fault", FAULTS), ("variation", VARIATIONS)])
def test_the_listing_has_every_lever_at_any_width(kind: str, table: dict[str, Lever]) -> None:
    for width in (200, 100, 99, 80, 40):
        lines = drawn(width, kind, list(table.values()))
        assert max(map(len, lines)) <= width
        text = "".join(line.strip() for line in lines)
        for name, lever in table.items():
            assert name in text
            assert lever.area in text
    broad = drawn(200, kind, list(table.values()))
    assert all(any(each.name in line and each.says[:40] in line for line in broad) for each in table.values())


def test_a_narrow_terminal_is_told_what_a_lever_is_tied_to_on_a_line_of_its_own() -> None:
    fault = Lever("made_up", "session", "Nothing.", breaks="a.b")
    assert [line.rstrip() for line in drawn(60, "fault", [fault])] == [
        "session",
        "made_up",
        "  Nothing.",
        "  breaks a.b",
    ]
    variation = Lever("other", "session", "Nothing.", reading="A01")
    assert drawn(60, "variation", [variation])[-1].rstrip() == "  reading A01"


def test_an_area_stands_once_above_its_levers() -> None:
    lines = drawn(160, "variation", list(VARIATIONS.values()))
    assert [line.strip() for line in lines].count("transport") == 1


def test_a_list_can_be_narrowed_by_area_and_by_words_in_any_case(told_by: Any) -> None:
    out = told_by("variations", "--area", "completion", "a05", "400")
    assert "not_ready_is_an_error" in out
    assert "declines_are_errors" not in out
    assert out.endswith(f"\n1 of {len(VARIATIONS)} variations\n")


def test_machines_read_one_lever_a_line(told_by: Any) -> None:
    lines = [json.loads(line) for line in told_by("variations", "--json").splitlines()]
    assert [line["name"] for line in lines] == list(VARIATIONS)
    (fault,) = [json.loads(line) for line in told_by("faults", "--json", "amounts_are_decimals").splitlines()]
    assert fault["breaks"] == "checkout.totals.amount-integer"
    assert fault["wire"] == list(FAULTS["amounts_are_decimals"].rules)


def test_one_fault_is_explained(told_by: Any) -> None:
    text = " ".join(told_by("faults", "amounts_are_decimals").split())
    assert text.startswith("amounts_are_decimals Amounts of totals are decimals of the major unit.")
    assert "breaks checkout.totals.amount-integer (`acp-conformance explain checkout.totals.amount-integer`" in text
    assert 'on the wire checkout: $.totals[*].amount is written as "decimal"' in text
    assert "serve acp-merchant serve --fault amounts_are_decimals" in text


def test_a_fault_that_disturbs_others_names_them() -> None:
    lever = Lever("made_up", "session", "Nothing.", breaks="a.b", disturbs=["c.d", "e.f"])
    console = Console(width=80, file=StringIO(), markup=False)
    console.print(levers.page("fault", lever))
    text = " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]
    assert "may be seen too c.d e.f" in text
    assert "on the wire changed by code" in text


def test_one_variation_is_explained_with_its_reading(told_by: Any) -> None:
    text = " ".join(told_by("variations", "handler_id_with_signs").split())
    assert "reading PH-5, of which this is one side" in text
    assert "complete: the request, $[?@.handler_id == 'quillmoor/card:v1'].handler_id becomes" in text


def test_every_lever_can_be_told_in_words() -> None:
    for lever in (*FAULTS.values(), *VARIATIONS.values()):
        for rule in lever.rules:
            lines = list(told(rule))
            assert lines, lever.name
            assert all("{" not in line.split(":")[0] for line in lines)


@pytest.mark.parametrize("kind", EDITS)
def test_every_kind_of_edit_can_be_told(kind: str) -> None:
    (line,) = told({"on": ["create"], "reply": {"body": [{"at": "$.totals", kind: 3}]}})
    assert line.startswith("create: $.totals")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            {"on": ["event"], "event": {"signature": "t={t}", "after_signing": True}},
            ["event: changed after signing", "event: signed as t={t}"],
        ),
        (
            {
                "on": ["update"],
                "if": {"status": [400, 499], "asked": ["$.a"]},
                "reply": {"manner": "reset", "after": 3},
            },
            [
                "update: sent reset, where the status is 400 to 499 and it was asked with $.a",
                "update: after 3 s, where the status is 400 to 499 and it was asked with $.a",
            ],
        ),
        (
            {"on": ["cancel"], "if": {"headers": {"Allow": None, "Vary": "*"}}, "reply": {"status": 200, "text": "-"}},
            [
                "cancel: status 200, where there is no Allow and there is Vary",
                "cancel: the body is '-', where there is no Allow and there is Vary",
            ],
        ),
        (
            {
                "on": ["create"],
                "reply": {"headers": {"Vary": "*", "Allow": None}, "body": [{"at": "$.a", "copy": "$.b"}]},
            },
            ["create: header Vary: *", "create: no header Allow", "create: $.a is what $.b is"],
        ),
        (
            {"on": ["create"], "if": {"unasked": ["$.a"]}, "complaint": {"says": "No."}},
            ["create: refused, where it was asked without $.a: No."],
        ),
        (
            {"on": ["create"], "if": {"sent": {"Accept": None}}, "refusal": {"status": 406, "code": "picky"}},
            ["create: refused with 406 picky, where no Accept was sent"],
        ),
    ],
)
def test_a_rule_in_words(rule: dict[str, Any], words: list[str]) -> None:
    assert list(told(rule)) == words


def test_colour_stays_out_where_it_is_not_wanted() -> None:
    for words in (["faults"], ["variations"], ["faults", "amounts_are_decimals"]):
        assert "\x1b" not in run(*words).stdout
    helped = run("variations", "--help").stdout
    assert "\x1b" not in helped
    assert "acp-merchant variations A05" in helped


def test_a_reader_that_has_read_enough_ends_it_without_a_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "merchant_mock", "variations", "--json"],
        stdout=writer, stderr=subprocess.PIPE, env=ENVIRONMENT, timeout=20, check=False,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_shop_with_a_fault_answers_others_as_before() -> None:
    with serving("--json", "--fault", "amounts_are_decimals") as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        assert httpx.get(f"{url}/.well-known/acp.json").json()["protocol"]["name"] == "acp"
        assert ask(url, key="wrong").status_code == 401
