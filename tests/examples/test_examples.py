"""The examples run as a reader starts them, without a network or a paid model, and each buys after two setbacks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = "shopper"
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.py") if path.stem != SHARED)


@pytest.fixture(scope="module", params=EXAMPLES)
def printed(request: pytest.FixtureRequest) -> str:
    """What an example prints."""
    keyless = {name: each for name, each in os.environ.items() if not name.endswith("_API_KEY")}
    ran = subprocess.run(
        [sys.executable, "-W", "error", f"examples/{request.param}.py"],
        cwd=ROOT,
        env=keyless | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_an_example_finds_a_product_meets_a_sold_out_one_and_a_decline_and_buys(printed):
    calls = [line.split()[0] for line in printed.splitlines() if line.startswith("  ") and "approved:" not in line]
    assert calls == [
        "search_products",
        "create_checkout_session",
        "update_checkout_session",
        "complete_checkout_session",
        "complete_checkout_session",
    ]
    assert printed.splitlines()[-1].startswith("Bought for $103.40, order ord_")


def test_an_example_shows_the_model_no_card(printed):
    assert not [digits for digits in ("4242", "0000000000000002") if digits in printed]


def test_there_is_an_example_for_each_way_of_calling_tools():
    assert set(EXAMPLES) == {"agents_sdk", "chat_completions", "mcp_client", "responses_api"}
