"""Probes of payments that do not succeed at once: those that are declined, and those that take a while."""

from __future__ import annotations

from typing import Final

from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.checks.session_body import OPEN
from conformance.findings import Blocked, NotApplicable
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

DECLINED: Final = "checkout.session.complete.declined-no-order"
BACK: Final = ("incomplete", "not_ready_for_payment")


@probe("checkout.session.complete.declined-no-order", needs=["payment.declined"])
async def a_declined_payment_brings_no_order(trial: Trial) -> None:
    """A completion whose payment is declined neither completes the session nor shows an order."""
    expect.no_order(await _declined(trial), "A completion whose payment is declined")


@probe("checkout.session.complete.declined-message", needs=["payment.declined"])
async def a_decline_is_said(trial: Trial) -> None:
    """A completion whose payment is declined is answered by an open session that says payment_declined, or refused."""
    seen = await _unpaid(trial)
    if expect.no_crash(seen, "A completion whose payment is declined").refused:
        return
    expect.that("payment_declined" in expect.codes(seen), "No message says payment_declined.", seen, at="$.messages")
    status = expect.session_status(seen)
    closed = {*trial.shop.dialect.statuses} - {*OPEN}
    expect.that(status not in closed, f"After a decline the session is {status}.", seen, at="$.status")


@probe("checkout.session.complete.retry-after-decline", needs=["payment.declined", "payment"])
async def after_a_decline_another_payment_pays(trial: Trial) -> None:
    """A session whose payment was declined is completed by one that is not, under a key of its own."""
    await trial.shop.completed()
    session = trial.shop.sessions[str((await _unpaid(trial)).session)]
    paid = await trial.shop.paid(session)
    expect.success(paid, "A completion after a decline")
    await trial.shop.waited(session)
    done = session.status == "completed"
    expect.that(done, f"After a decline and a payment the shop says {session.told()}.", session.seen, at="$.status")


@probe("checkout.session.complete.sync-completed", needs=["payment.slow"])
async def a_payment_under_way_is_not_undone(trial: Trial) -> None:
    """A session whose payment takes a while is not read as one that lacks something."""
    await trial.shop.completed()
    session = await trial.shop.ready()
    paid = await trial.shop.send(await trial.shop.completing(session, "payment.slow"))
    if expect.session_status(paid) != "complete_in_progress":
        raise NotApplicable(f"The completion was not in progress: {session.told()}.", paid)
    status = (await trial.shop.seen(session)).status
    expect.that(status not in BACK, f"While it is being paid, the session is {status}.", session.seen, at="$.status")


async def _declined(trial: Trial) -> Exchange:
    """The answer to a completion whose payment is declined, or what a read shows once that is decided."""

    async def decline() -> Exchange:
        session = await trial.shop.ready()
        seen = await trial.shop.send(await trial.shop.completing(session, "payment.declined"))
        return (await trial.shop.waited(session)).seen if seen.succeeded else seen

    return await trial.memory.once("declined", decline)


async def _unpaid(trial: Trial) -> Exchange:
    """The same, where it brought no order."""
    seen = await _declined(trial)
    if expect.session_status(seen) == "completed":
        raise Blocked("The payment was not declined.", seen, by=DECLINED)
    return seen
