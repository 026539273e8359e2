"""Allowances where no hook spends a token: they are judged by completions at the shop under test."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Sequence

import pytest

from conformance.catalogue import catalogue
from conformance.profile.file import made_of
from conformance.verdict.judgement import Terms, judgement
from conformance.verdict.outcome import Result
from conformance.verdict.selection import Selection
from conformance.wire.line import Limits
from merchant_mock.faults import FAULTS
from merchant_mock.levers import Lever
from merchant_mock.profile import profile
from tests.kill_matrix.shops import SEED, free_port, now, shop

BOUNDS = ("enforced.amount", "enforced.currency", "enforced.reason", "enforced.merchant", "enforced.session", "expired")
IDS = [f"delegate-payment.allowance.{bound}" for bound in BOUNDS]
ALLOWANCES = [fault for fault in FAULTS.values() if fault.name.startswith("allowance_")]


def judged(levers: Sequence[Lever] = (), *, roles: Sequence[str] = ("merchant", "psp")) -> list[Result]:
    """What comes of the checks of allowances at a shop whose profile has no hook to charge a token."""
    listen = f"127.0.0.1:{free_port()}"
    with shop(levers, f"http://{listen}/order_events") as url:
        document = tomllib.loads(profile(url, listen=listen))
        del document["hooks"]["redeem"]
        brought = {name: value for name, value in document.items() if name not in {"merchant", "psp"} - {*roles}}
        selection = Selection(made_of(brought, {}, "a profile"), catalogue(), ids=IDS)
        return asyncio.run(judgement(selection, Terms(SEED, Limits(request_seconds=5)), now)).results


def test_a_sound_psp_keeps_every_bound() -> None:
    assert {result.requirement: result.outcome for result in judged()} == dict.fromkeys(IDS, "pass")


@pytest.mark.parametrize("fault", ALLOWANCES, ids=lambda fault: fault.name)
def test_a_bound_that_is_not_kept_is_found_and_no_other(fault: Lever) -> None:
    assert {result.requirement for result in judged([fault]) if result.outcome == "fail"} == {fault.breaks}


def test_where_nothing_can_be_spent_the_missing_hook_is_named() -> None:
    results = judged(roles=["psp"])
    assert {(result.outcome, result.needs) for result in results} == {("untestable", "hooks.redeem")}
