"""The page for integrators: from nothing to the first decline, and every recipe on it runs against a real shop."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from merchant_mock.app import Terms
from merchant_mock.catalogue import load
from merchant_mock.serving import bind, serving, url_of
from merchant_mock.street import open_street

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "integrators.md").read_text()
ADDRESS = "http://127.0.0.1:8080"
RECIPES = PAGE.partition("## Levers while it runs")[0]  # which has a test of its own
PIECES = re.findall(r"^```python\n(.*?)^```", RECIPES, re.MULTILINE | re.DOTALL)
PRINTS = """\
declined There is not enough money on the card.
authenticated bought
attempt_acknowledged bought
denied declined
abandoned declined
not_supported declined
not_ready Rehearsal mug – Sold out at payment is out of stock; 0 are available.
price_change {dearer}
completed
bought True
bought after a second
bought though the answer took three seconds
not_ready age_verification_required
ready_for_payment
manual_review
['Standard shipping, parcel 1 of 2', 'Standard shipping, parcel 2 of 2']
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with bind("127.0.0.1", 0) as listener:
        street = open_street(Terms(load(), tmp_path_factory.mktemp("shop") / "shop.db", url_of(listener)))
        try:
            with serving(street.front, listener) as url:
                yield url
        finally:
            street.close()


def test_every_recipe_runs_and_prints_what_it_is_about(shop, capsys) -> None:
    names: dict = {}
    for piece in PIECES:
        exec(compile(piece.replace(ADDRESS, shop), "integrators.md", "exec"), names)
    *out, arrives, held_back, sent = capsys.readouterr().out.splitlines()
    dearer = next(line.split()[1] for line in out if line.startswith("price_change"))
    assert "\n".join(out) == PRINTS.strip().format(dearer=dearer)
    assert int(dearer) > load().items["mug-price-change"].prices["usd"] * 110 // 100
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*", arrives)
    assert (held_back, sent) == ("['pending']", "['delivered']")


def test_the_first_decline_is_as_many_commands_away_as_the_page_says(shop) -> None:
    *_, buying = PAGE.partition("## From nothing")[2].partition("```\n")[0].strip().splitlines()
    settings = dict(word.split("=", 1) for word in shlex.split(buying) if word.startswith("ACP_"))
    words = shlex.split(buying)[len(settings) + 1 :]
    ran = subprocess.run(
        [sys.executable, "-c", "from acp.cli import main; main()", *words],
        env={**os.environ, "ACP_BASE_URL": shop, "ACP_API_KEY": "acp_demo_key", **settings},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    assert "The bank declined the payment." in ran.stdout + ran.stderr


def test_the_header_on_the_page_does_what_the_page_says(shop) -> None:
    command = re.search(r"^curl .*?'$", PAGE, re.MULTILINE | re.DOTALL)[0].replace("\\\n", " ")
    words = shlex.split(command.replace("$ACP_BASE_URL", shop).replace("$ACP_API_KEY", "acp_demo_key"))
    headers = dict(words[n + 1].split(": ", 1) for n, word in enumerate(words) if word == "-H")
    answered = httpx.post(words[1], headers=headers, content=words[words.index("-d") + 1])
    assert (answered.status_code, answered.json()["status"]) == (201, "not_ready_for_payment")
    said = [message.get("code") for message in answered.json()["messages"]]
    assert {"low_stock", "age_verification_required"} <= set(said)
