"""What a trial moves behind the scenes: hooks that are done, refused or not to be run; time; and ids of its own."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from conformance.findings import Blocked, Missing
from conformance.profile.file import made_of
from conformance.trial.hooks import Hooks
from conformance.trial.trial import Trial
from conformance.wire.line import Limits, Line
from conformance.wire.secrets import Secrets

NOW = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)


def trial(**hooks: Any) -> Trial:
    """A trial whose profile has these hooks."""
    document = {"version": "2026-04-17", "merchant": {"url": "https://shop.example"}, "hooks": hooks}
    line = Line(httpx.AsyncClient(), Limits(), lambda: NOW)
    return Trial(made_of(document, {}, "a profile"), line, Secrets({}), 7, lambda: NOW)


def hooks(**commands: Any) -> Hooks:
    return trial(**commands).hooks


async def test_a_command_that_ends_badly_has_refused() -> None:
    asked = hooks(redeem=[sys.executable, "-c", "import sys; sys.exit('{token}' == 'spent')"])
    assert await asked.succeeds("redeem", token="vt_1")
    assert not await asked.succeeds("redeem", token="spent")
    with pytest.raises(Blocked, match="The command of redeem ended with 1"):
        await asked.run("redeem", token="spent")


async def test_a_command_that_cannot_be_run_has_refused_nothing() -> None:
    with pytest.raises(Blocked, match="cannot be run"):
        await hooks(redeem=["/no/such/command"]).succeeds("redeem", token="vt_1")
    with pytest.raises(Missing, match=r"hooks\.redeem"):
        await hooks().succeeds("redeem", token="vt_1")


async def test_a_request_that_reaches_nobody_has_refused_nothing() -> None:
    asked = hooks(redeem={"url": "http://127.0.0.1:9/charges", "body": {"token": "{token}"}})
    with pytest.raises(Blocked, match="The hook redeem cannot be run"):
        await asked.succeeds("redeem", token="vt_1")


@pytest.mark.parametrize(
    "hook", ["charge {token} --session {session_id}", {"url": "http://127.0.0.1:9", "body": {"for": "{session_id}"}}]
)
def test_a_hook_takes_what_it_has_a_placeholder_for(hook: Any) -> None:
    assert hooks(redeem=hook).takes("redeem", "session_id")
    assert not hooks(redeem=hook).takes("redeem", "merchant_id")


async def test_what_a_hook_set_is_undone_also_when_the_check_fails() -> None:
    asked = trial(fail=["true"], restore=["false"])
    with pytest.raises(Blocked, match="The command of restore"):
        async with asked.hooks.set("fail"):
            pass
    async with trial(fail=["true"]).hooks.set("fail"):
        pass


async def test_time_passes_by_the_hook_and_then_now_is_later() -> None:
    moved = trial(advance_clock=["true"])
    await moved.let_pass(86_400)
    assert moved.now() == NOW.replace(day=7)


async def test_without_a_hook_a_moment_is_waited_for_and_a_day_is_not() -> None:
    await trial().let_pass(0)
    with pytest.raises(Missing, match=r"hooks\.advance_clock"):
        await trial().let_pass(60)


def test_a_key_is_a_uuid_and_every_id_another_one() -> None:
    made = trial()
    keys = [made.fresh("key") for _ in range(3)]
    assert [UUID(key).version for key in keys] == [4, 4, 4]
    assert len({*keys, made.fresh("req"), made.fresh("req")}) == 5
    assert [trial().fresh("key")] == keys[:1]
