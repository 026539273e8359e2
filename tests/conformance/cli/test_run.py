"""The command `run` against a shop on a real socket: the verdict, the run file, and what it is not allowed to do."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance import cli
from conformance.verdict.runfile import digest
from merchant_mock.serving import bind, serving

ROOT = Path(__file__).parents[3]
ITEM = "boots-42"
ENTRY = "import agentic_commerce; agentic_commerce.acp_conformance()"


@pytest.fixture
def run(monkeypatch, tmp_path, acp_merchant):
    """Judge the shop, and return the exit code and the run file."""

    def judged(*options: str, url: str = acp_merchant.url) -> tuple[int, dict]:
        output = tmp_path / "run.json"
        arguments = ["run", url, "--key", acp_merchant.api_key, "--item", ITEM, "-o", str(output), *options]
        monkeypatch.setattr(sys, "argv", ["acp-conformance", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, json.loads(output.read_text())

    return judged


def outcome(document: dict, id: str) -> dict:
    return next(each for each in document["requirements"] if each["id"] == id)


def test_an_address_a_key_and_an_item_are_enough_for_a_partial_verdict(run, capsys):
    code, document = run()
    assert (code, document["claim"]["claim"]) == (2, "incomplete")
    assert document["claim"]["failed"] == []
    assert document["claim"]["verified"] > 100
    assert outcome(document, "checkout.session.create.status-201")["outcome"] == "pass"
    assert outcome(document, "checkout.session.complete.status-200")["results"][0]["needs"] == "payment"
    said = capsys.readouterr()
    assert "incomplete  acp@2026-04-17" in said.out
    assert "not judged: needs payment" in said.out
    assert said.err.startswith("About ")


def test_a_run_file_holds_its_digest_and_no_secret(run, acp_merchant):
    _, document = run("--area", "session")
    assert document["digest"] == digest(document)
    assert acp_merchant.api_key not in json.dumps(document)
    assert "${ACP_MERCHANT_KEY}" in json.dumps(document)


def test_read_only_sends_nothing_that_changes_anything(run, acp_merchant):
    _, document = run("--read-only")
    assert {each.asked.method for each in acp_merchant.requests} <= {"GET"}
    assert acp_merchant.sessions == []
    assert outcome(document, "checkout.session.create.status-201")["outcome"] == "untestable"


def test_a_budget_is_not_exceeded_and_what_is_left_says_so(run, acp_merchant):
    _, document = run("--budget", "5")
    assert len(acp_merchant.requests) <= 5
    assert any("the budget of 5 requests is spent" in each["says"] for each in document["requirements"])


def test_every_session_is_ended_on_the_way_out(run, acp_merchant):
    run("--area", "session")
    assert acp_merchant.sessions
    assert {session["status"] for session in acp_merchant.sessions} <= {"canceled", "completed", "expired"}


def test_the_same_seed_sends_the_same_requests(run):
    first, second = (run("--seed", "7", "--id", "checkout.session.create.status-201")[1] for _ in range(2))
    sent = [[each["request"] for each in document["exchanges"]] for document in (first, second)]
    assert sent[0] == sent[1]


class Wavering:
    """A shop in front of another, which says 200 instead of 201 to every third create."""

    def __init__(self, shop: ASGIApp) -> None:
        self._shop = shop
        self._creates = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        creates = scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == "/checkout_sessions"
        self._creates += creates

        async def sent(message: Message) -> None:
            if creates and self._creates % 3 == 0 and message["type"] == "http.response.start":
                message = {**message, "status": 200}
            await send(message)

        await self._shop(scope, receive, sent)


def test_a_server_that_answers_otherwise_every_third_time_is_found_by_repeating(run, acp_merchant, capsys):
    with bind("127.0.0.1", 0) as listener, serving(Wavering(acp_merchant.house.front), listener) as url:
        code, document = run("--id", "checkout.session.create.status-201", "--repeat", "3", url=url)
    found = outcome(document, "checkout.session.create.status-201")
    assert (code, found["outcome"]) == (1, "fail")
    assert found["says"].startswith("Unstable, pass, pass, fail: ")
    assert document["claim"]["unstable"] == ["checkout.session.create.status-201"]
    assert "unstable: checkout.session.create.status-201" in capsys.readouterr().out


class BrokenCreate:
    """A shop in front of another, whose create does something else."""

    def __init__(self, shop: ASGIApp, answer: Response) -> None:
        self._shop = shop
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        creates = scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == "/checkout_sessions"
        await (self._answer if creates else self._shop)(scope, receive, send)


ERROR = {"type": "invalid_request", "code": "invalid", "message": "No."}


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({"id": "cs_1"}, 201),
        JSONResponse(ERROR, 400),
        JSONResponse(ERROR, 404),
        PlainTextResponse("Oops", 500),
        JSONResponse([], 201),
    ],
    ids=["201 without a session", "400", "404", "500", "201 with a list"],
)
def test_a_broken_create_is_one_failure_and_the_rest_points_to_it(run, acp_merchant, answer):
    with bind("127.0.0.1", 0) as listener, serving(BrokenCreate(acp_merchant.house.front, answer), listener) as url:
        code, document = run(url=url)
    assert (code, document["claim"]["failed"]) == (1, ["checkout.session.create.status-201"])
    pointing = [each for each in document["requirements"] if any("by" in result for result in each.get("results", ()))]
    assert len(pointing) > 100
    assert {result["by"] for each in pointing for result in each["results"] if "by" in result} == {
        "checkout.session.create.status-201"
    }


def test_an_interrupted_run_leaves_its_report_and_no_session_open(tmp_path, acp_merchant):
    output = tmp_path / "run.json"
    options = ["--key", acp_merchant.api_key, "--item", ITEM, "--rate", "20", "-o", str(output)]
    process = subprocess.Popen([sys.executable, "-c", ENTRY, "run", acp_merchant.url, *options], cwd=ROOT)
    while len(acp_merchant.requests) < 10:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    document = json.loads(output.read_text())
    assert document["interrupted"]
    assert document["claim"]["why"] == "The run was interrupted."
    assert document["claim"]["claim"] == "incomplete"
    assert {session["status"] for session in acp_merchant.sessions} <= {"canceled", "completed", "expired"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run"], "Name the URL of a shop, or a profile: there is no acp-conformance.toml here."),
        (["run", "shop.example"], "merchant.url"),
        (["run", "--profile", "none.toml"], "none.toml: cannot be read: No such file or directory."),
        (["run", "http://127.0.0.1:9", "--api-version", "2027-01-01"], "'version' must be 2025-09-29"),
        (["diff", "a.json", "b.json"], "a.json: cannot be read"),
        (["certify", "shopify", "http://127.0.0.1:9"], "There is no platform 'shopify'; there is: openai."),
        (["listen", "--listen", "here"], "must be a host and a port"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_exit_code_three(monkeypatch, capsys, tmp_path, arguments, says):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["acp-conformance", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    told = capsys.readouterr().err
    assert end.value.code == 3
    assert told.count("\n") == 1
    assert says in told
