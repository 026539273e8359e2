"""The short form of `make chaos`: a few kills at each point and at random, in fair weather and foul."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from acp.server import CrashPoint
from tests.chaos import __main__ as chaos
from tests.chaos import report
from tests.chaos.campaign import Campaign, run
from tests.chaos.clock import SharedClock
from tests.chaos.invariants import Violation
from tests.chaos.scenarios import HOUR, SCENARIOS
from tests.chaos.shops import ShopsFailed

pytestmark = pytest.mark.apart

SEED = int(os.environ.get("CHAOS_SEED", "20260417"))
KILLS, RANDOM_KILLS = 2, 8
FEW_KILLS, FEW_RANDOM_KILLS, PURCHASES = 1, 2, 40


def statuses(result, folder):
    return {delivery.status for delivery in result.evidence.deliveries}


MET = {
    "two": lambda result, folder: report.counts(result)["connections lost"] > 0,
    "psp": lambda result, folder: min(report.counts(result)[row] for row in ("answers 5xx", "PSP asked again")) > 0,
    "receiver": lambda result, folder: statuses(result, folder) == {0, 200, 429, 500},
    "gone": lambda result, folder: statuses(result, folder) == {200, 410},
    "disk": lambda result, folder: report.counts(result)["answers 5xx"] > 0,
    "clock": lambda result, folder: SharedClock(folder).offset >= 2 * HOUR,
}
"""How it is seen that a scenario had its weather."""


def carried_out(campaign, folder):
    result = asyncio.run(run(campaign, folder))
    assert not result.violations, report.told("short", result)
    assert {kind: result.progress.deaths.counts[kind] for kind in report.KINDS} == {
        **dict.fromkeys(CrashPoint, campaign.kills),
        "at random": campaign.random_kills,
    }
    return result


def test_whenever_a_shop_is_killed_every_purchase_ends_with_one_order_and_one_charge_or_neither(
    tmp_path, record_property
):
    result = carried_out(Campaign(SEED, KILLS, RANDOM_KILLS), tmp_path)
    counts = report.counts(result)
    assert counts["sessions completed"] == counts["charges"] == counts["orders"] == counts["events"] / 3 > 0
    record_property("printed", report.line("short", result.progress))


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "calm"])
def test_it_holds_in_foul_weather(tmp_path, name):
    campaign = Campaign(SEED, FEW_KILLS, FEW_RANDOM_KILLS, scenario=SCENARIOS[name], purchases=PURCHASES)
    assert MET[name](carried_out(campaign, tmp_path), tmp_path)


async def test_a_shop_that_ends_by_itself_ends_the_campaign_and_what_it_said_is_told(tmp_path):
    broken = replace(SCENARIOS["calm"], terms={"lease": "no number"})
    with pytest.raises(ExceptionGroup) as failed:
        await run(Campaign(SEED, scenario=broken, purchases=1), tmp_path)
    (reason,) = failed.value.exceptions
    assert isinstance(reason, ShopsFailed)
    assert "ended by itself" in str(reason)
    assert "TypeError" in str(reason)


def test_the_command_prints_its_counts_and_exits_with_what_it_found(monkeypatch):
    asked = ["--scenario", "calm", "--point", "after PSP", "--kills", "1", "--random", "0", "--seed", "1"]
    results = []
    carry_out = chaos.carry_out
    monkeypatch.setattr(chaos, "carry_out", lambda *what: results.append(carry_out(*what)) or results[0])
    done = CliRunner().invoke(chaos.app, asked)
    assert done.exit_code == 0, done.output
    assert "seed 1" in done.output
    assert "Every check held." in done.output

    id = results[0].progress.purchases[0].id
    wrong = replace(results[0], violations=[Violation("one more", id, "nobody was there")])
    monkeypatch.setattr(chaos, "carry_out", lambda *what: wrong)
    failed = CliRunner().invoke(chaos.app, asked)
    assert failed.exit_code == 1
    assert "calm, seed 1: 1 violations" in failed.output
    assert f"one more: nobody was there (session {id})\npurchase 0 (" in failed.output.replace(f"\n{id}", f" {id}")


def test_a_scenario_that_is_not_there_is_refused_with_those_that_are():
    refused = CliRunner().invoke(chaos.app, ["--scenario", "storm"])
    assert refused.exit_code == 2
    assert "calm, two, psp, receiver, gone, disk, clock" in " ".join(refused.output.replace("│", " ").split())
