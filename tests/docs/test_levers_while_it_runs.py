"""The section of the page for integrators on levers: what it shows runs, against a real shop."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from merchant_mock.app import Terms
from merchant_mock.catalogue import load
from merchant_mock.serving import bind, serving, url_of
from merchant_mock.street import open_street

PAGE = (Path(__file__).parents[2] / "docs/integrators.md").read_text()
SECTION = PAGE.partition("## Levers while it runs")[2].partition("\n## ")[0]
((_, SHELL), (_, PYTHON)) = re.findall(r"^```(sh|python)\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)


@pytest.fixture
def url(tmp_path):
    with bind("127.0.0.1", 0) as listener:
        street = open_street(Terms(load(), tmp_path / "shop.db", url_of(listener)))
        try:
            with serving(street.front, listener) as address:
                yield address
        finally:
            street.close()


def test_the_program_runs_and_says_what_it_shows(url, capsys):
    exec(compile(PYTHON.replace("http://127.0.0.1:8080", url), "integrators.md", "exec"), {})
    broke, settled, shipped, events, mine = capsys.readouterr().out.splitlines()
    assert broke.startswith("rfc.agentic_checkout §3.1, §7 Authorization Every call carries")
    assert settled == "pending_approval ready_for_payment"
    assert shipped == "shipped"
    assert events == "[('delivered', 1), ('delivered', 1)]"
    assert mine == "2026-05-06T12:00:00+00:00 [] 1"


def test_the_commands_do_what_they_say(url):
    words = SHELL.replace("alias mock='", "shopt -s expand_aliases\nalias mock='")
    script = re.sub(r"^mock (.*?)( +#.*)?$", r"mock \1; echo", words, flags=re.MULTILINE)
    environment = os.environ | {"ACP_BASE_URL": url}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, env=environment)
    ordered, advanced, refused, reset = done.stdout.split("\n", 3)
    assert json.loads(ordered)["order"]["status"] == "confirmed"
    assert json.loads(advanced)["finished"]
    assert refused == ""
    assert not json.loads(reset)["stopped"]
