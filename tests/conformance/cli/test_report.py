"""The command `report`: reports of a run file, beside it or where they are asked for."""

from __future__ import annotations

import json
import sys

import pytest

from conformance import cli
from conformance.reports.formats import FORMATS
from conformance.verdict import runfile
from tests.conformance.reports import runs

RUN = runs.run_file()


@pytest.fixture
def run_file(tmp_path):
    """A run file in a folder of its own."""
    file = tmp_path / "nightly.json"
    file.write_text(runfile.text(RUN), encoding="utf-8")
    return file


@pytest.fixture
def ended(monkeypatch):
    """Ask the command, and return its exit code."""

    def asked(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["acp-conformance", "report", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code

    return asked


def test_without_a_word_it_is_a_page_beside_the_run_file(ended, run_file, capsys):
    assert ended(run_file) == 0
    page = run_file.with_suffix(".html")
    assert capsys.readouterr().out == f"{page}\n"
    assert page.read_text().startswith("<!doctype html>")


def test_several_formats_are_made_at_once(ended, run_file):
    options = [option for name in FORMATS for option in ("--format", name.upper())]
    assert ended(run_file, *options) == 0
    names = {file.name for file in run_file.parent.iterdir()}
    assert names == {f"nightly{each.suffix}" for each in FORMATS.values()}
    assert json.loads(run_file.read_text()) == RUN


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_shows_the_digest_of_the_run_file(ended, run_file, tmp_path, name):
    assert ended(run_file, "-f", name, "-o", tmp_path / "made") == 0
    assert RUN["digest"] in (tmp_path / "made").read_text()


def test_nothing_is_judged_again(ended, run_file, monkeypatch):
    monkeypatch.setattr("conformance.verdict.claim.verdicts", None)
    monkeypatch.setattr("conformance.verdict.runner.judge", None)
    assert ended(run_file, *(option for name in FORMATS for option in ("-f", name))) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{file}", "-f", "html", "-f", "har", "-o", "x"], "'--output': it names one file; without it"),
        (["{file}", "-f", "pdf"], "'pdf' is not one of html, junit, json, markdown, har, badge."),
        (["{file}", "-o", "{folder}/none/x.html"], "x.html cannot be written: No such file or directory."),
        (["{folder}/none.json"], "none.json: cannot be read: No such file or directory."),
        (["{folder}/changed.json"], "changed.json: does not match its digest; it was changed after the run."),
        ([], "Missing argument 'RUNFILE'."),
    ],
)
def test_what_cannot_be_made_is_one_line_and_exit_code_three(ended, run_file, capsys, arguments, says):
    (run_file.parent / "changed.json").write_text(json.dumps({**RUN, "seed": 8}))
    assert ended(*(each.format(file=run_file, folder=run_file.parent) for each in arguments)) == 3
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert says in told
