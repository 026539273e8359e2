"""The run file keeps to the JSON Schema that is shipped for those who read it by machine."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from conformance.catalogue import LEVELS, STATUSES
from conformance.cli import app as command
from conformance.reports.formats import FORMATS
from conformance.verdict.claim import EXIT_CODES
from conformance.verdict.outcome import OUTCOMES
from conformance.verdict.preflight import Wiring
from tests.conformance.reports import runs
from tests.conformance.test_formats import FORMATS as SCHEMAS
from tests.conformance.test_formats import problems, without_one_member

ITEM = "boots-42"
BASELINE = """[[known]]
id = "checkout.session.create.status-201"
because = "The new gateway says 200."
until = 2020-01-01
"""


@pytest.fixture
def printed(acp_merchant, tmp_path):
    """What a command prints of the shop with `--json`."""

    def asked(name: str, *arguments: str, url: str = acp_merchant.url) -> dict:
        options = ["--key", acp_merchant.api_key, "--item", ITEM, "--json"]
        files = ["-o", str(tmp_path / "run.json")] if name == "run" else []
        done = CliRunner().invoke(command.app, [name, *arguments, url, *options, *files])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.output
        return json.loads(done.stdout)

    return asked


def test_what_a_run_prints_keeps_to_it(printed, tmp_path):
    told = printed("run")
    assert problems("run", told) == []
    assert json.loads((tmp_path / "run.json").read_text()) == told


def test_a_run_with_a_baseline_keeps_to_it(printed, tmp_path):
    (tmp_path / "known.toml").write_text(BASELINE)
    told = printed("run", "--area", "session", "--baseline", str(tmp_path / "known.toml"))
    assert told["baseline"]["stale"] == ["checkout.session.create.status-201"]
    assert problems("run", told) == []


def test_a_run_that_could_not_be_judged_keeps_to_it(printed):
    told = printed("run", url="http://127.0.0.1:9")
    assert told["claim"]["claim"] == "invalid"
    assert problems("run", told) == []


def test_a_replay_keeps_to_it(printed):
    assert problems("replay", printed("replay", "checkout.session.create.status-201")) == []


@pytest.mark.parametrize(
    "run", [runs.run_file(), runs.run_file([], [], wiring=Wiring("silent", "It is down."))], ids=["judged", "invalid"]
)
def test_every_outcome_and_every_kind_of_exchange_keeps_to_it(run):
    assert problems("run", run) == []


def test_a_member_more_or_less_does_not_keep_to_it():
    run = runs.run_file()
    assert problems("run", {**run, "colour": "red"})
    for short in without_one_member(run):
        assert problems("run", short)


@pytest.mark.parametrize(
    ("place", "bad"),
    [
        (("claim", "claim"), "fine"),
        (("claim", "verified"), -1),
        (("requirements", 0, "outcome"), "skipped"),
        (("requirements", 0, "results", 0, "seen"), ["1"]),
        (("requirements", 0, "derived"), False),
        (("exchanges", 0, "request", "headers", 0), ["alone"]),
        (("exchanges", 0, "number"), 0),
        (("exchanges", 2, "failure", "kind"), "bored"),
        (("digest",), "md5:0"),
        (("profile",), "acp"),
    ],
)
def test_a_value_of_another_kind_does_not_keep_to_it(place, bad):
    run = json.loads(json.dumps(runs.run_file()))
    here = run
    for step in place[:-1]:
        here = here[step]
    here[place[-1]] = bad
    assert problems("run", run)


def test_the_words_of_the_schema_are_those_of_the_code():
    known = SCHEMAS["run"]["$defs"]
    assert known["Outcome"]["enum"] == list(OUTCOMES)
    assert known["Claim"]["properties"]["claim"]["enum"] == list(EXIT_CODES)
    assert known["Judged"]["properties"]["level"]["enum"] == list(LEVELS)
    assert known["Judged"]["properties"]["status"]["enum"] == list(STATUSES)


def test_the_json_report_is_the_run_file():
    assert json.loads(FORMATS["json"].text(runs.run_file())) == runs.run_file()
