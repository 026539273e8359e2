"""Against servers that are down, lost, broken or hostile: the right claim, soon, and in little memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.certificates import self_signed
from tests.conformance import hostile

ROOT = Path(__file__).parents[2]
ENTRY = """
import sys
from pathlib import Path
from conformance.cli import main
try:
    main()
finally:
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print("peak", peak.split()[1], file=sys.stderr)
"""
MOST_KILOBYTES = 200_000


@pytest.fixture
def judged(tmp_path):
    """The run file of a server, and what the command said; judged in a process of its own, as a user would."""

    def run(url: str) -> tuple[dict, str, int]:
        began = time.monotonic()
        output = tmp_path / "run.json"
        done = subprocess.run(
            [sys.executable, "-c", ENTRY, "run", url, "--key", "k", "--item", "sku-1", "--timeout", "2", "-o", output],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert time.monotonic() - began < 60
        assert "Traceback" not in done.stdout + done.stderr
        *_, peak = [line for line in done.stderr.splitlines() if line.startswith("peak ")]
        assert int(peak.split()[1]) < MOST_KILOBYTES
        return json.loads(output.read_text()), done.stdout, done.returncode

    return run


NOWHERE = "http://127.0.0.1:9"
HTML = hostile.answer(b"<html>Welcome</html>", "text/html")
ELSEWHERE = hostile.answer(b"", status="301 Moved Permanently", more="Location: https://elsewhere.example/\r\n")


@pytest.mark.parametrize(
    ("deed", "why"),
    [
        (hostile.says(HTML), "answers 200 with text/html, no JSON; check merchant.url"),
        (hostile.hangs, "no whole answer within 2 seconds"),
        (hostile.drips, "no whole answer within 2 seconds"),
        (hostile.breaks_off, "the answer broke off"),
        (hostile.floods, "an answer of more than 4,000,000 bytes"),
        (hostile.says(ELSEWHERE), "redirects to https://elsewhere.example/; write that address into the profile"),
        (hostile.says(hostile.answer(b"{}", status="401 Unauthorized")), "refused the key with 401"),
        (hostile.says(b"SSH-2.0-OpenSSH_9.2\r\n"), "the answer broke off"),
    ],
    ids=["html", "hangs", "drips", "breaks off", "100 MB", "redirects", "wrong key", "no HTTP"],
)
def test_a_server_that_cannot_be_judged_makes_the_run_invalid_and_says_what_to_do(judged, deed, why):
    with hostile.server(deed) as url:
        run, said, code = judged(url)
    assert (run["claim"]["claim"], code) == ("invalid", 3)
    assert why in run["claim"]["why"]
    assert "invalid" in said


def test_a_server_that_is_down_makes_the_run_invalid(judged):
    run, _, code = judged(NOWHERE)
    assert (run["claim"]["claim"], code) == ("invalid", 3)
    assert "nothing answers there" in run["claim"]["why"]


def test_a_certificate_that_nobody_vouches_for_makes_the_run_invalid(judged, tmp_path):
    with hostile.server(hostile.says(HTML), self_signed(tmp_path, "localhost")) as url:
        run, _, code = judged(url)
    assert (run["claim"]["claim"], code) == ("invalid", 3)
    assert "certificate" in run["claim"]["why"]


@pytest.mark.parametrize(
    "body", [b'{"ok": true}', b'{"id": "caf\xe9"}', b"[]", b"null", b'"hello"', b"{" * 5_000, b"",
             b'{"id": "\\ud800"}', b"[" * 900 + b"]" * 900, b'{"n": 1' + b"0" * 30 + b"}"],
    ids=["the same object", "invalid UTF-8", "a list", "null", "a string", "nested", "nothing", "half a character",
         "nested and closed", "a long number"],
)  # fmt: skip
def test_a_server_that_says_the_same_to_everything_fails_once_and_the_rest_points_there(judged, body):
    with hostile.server(hostile.says(hostile.answer(body, status="201 Created"))) as url:
        run, _, code = judged(url)
    assert (run["claim"]["claim"], code) == ("non-conformant", 1)
    failed = [each["id"] for each in run["requirements"] if each["outcome"] == "fail"]
    assert failed == ["checkout.session.create.status-201"]
