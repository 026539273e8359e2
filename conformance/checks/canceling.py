"""Probes of cancel on an open session: what it answers, and with what body it may come."""

from __future__ import annotations

from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.findings import Blocked
from conformance.trial.shop import CANCELED
from conformance.trial.trial import Trial


@probe("checkout.session.cancel.status-200")
async def an_open_session_is_canceled_with_200(trial: Trial) -> None:
    """A session that was just opened is canceled with 200."""
    expect.status((await trial.shop.cancellations())[-1], 200)


@probe("checkout.session.cancel.no-body-accepted")
async def a_cancel_needs_no_body(trial: Trial) -> None:
    """The cancellation of the run succeeded without a body, and not only with one."""
    tries = await trial.shop.cancellations()
    if not tries[-1].succeeded:
        raise Blocked(f"Nothing could be canceled: {tries[-1].label}.", tries[-1], by=CANCELED)
    expect.success(tries[0], "A cancel without a body")


@probe("checkout.session.cancel.empty-object-accepted")
async def a_cancel_may_have_an_empty_body(trial: Trial) -> None:
    """A session is canceled by an empty object."""
    await trial.shop.canceled()
    draft = trial.shop.canceling(await trial.shop.opened()).changed({})
    expect.success(await trial.shop.send(draft), "A cancel with an empty object")
