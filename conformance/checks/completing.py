"""Probes of complete: what a purchase is answered, what may come with it, and what pays for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from conformance.checking import expect
from conformance.checking.registry import Look, observation, probe
from conformance.findings import Blocked, Missing, NotApplicable
from conformance.trial.session import Session
from conformance.trial.shop import COMPLETED
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

NOTES: Final = "Please leave the parcel with a neighbour."
SIGNALS: Final = {"ip_address": "203.0.113.7", "user_agent": "Mozilla/5.0"}
"""Who buys; the address is one for documentation (RFC 5737)."""

WAIT_SECONDS: Final = 10.0
"""How long an event may take where the profile does not say."""


@probe("checkout.session.complete.status-200", needs=["payment"])
async def a_purchase_is_answered_with_200(trial: Trial) -> None:
    """A completion that succeeds is answered 200 (by a platform's rules, 201); one that is declined says nothing."""
    paid = await trial.shop.first_completion()
    if "payment_declined" in _codes(paid):
        raise Blocked(f"The payment of the profile is declined: {paid.label}.", paid)
    expect.status(paid, trial.shop.dialect.completed)


@probe("checkout.session.complete.status-completed", needs=["payment"])
async def a_purchase_is_completed(trial: Trial) -> None:
    """A session that was paid says completed, at once or when what goes on has ended."""
    session = await trial.shop.finished()
    if "payment_declined" in _codes(session.seen):
        raise Blocked(f"The payment of the profile is declined: {session.told()}.", session.seen)
    done = session.status == "completed"
    expect.that(done, f"After a payment, the shop says {session.told()}.", session.seen, at="$.status")


@probe("checkout.session.complete.buyer-accepted", needs=["payment"])
async def a_completion_may_name_the_buyer(trial: Trial) -> None:
    """The completion of the run succeeded with a buyer, and not only without."""
    first, worked = await _completions(trial)
    expect.that(
        "buyer" in worked.sent.document,
        f"A completion with a buyer was answered {first.status}, one without {worked.status}.",
        first,
    )


@probe("checkout.session.complete.billing-address-optional", needs=["payment"])
async def a_completion_needs_no_billing_address(trial: Trial) -> None:
    """The completion of the run succeeded without a billing address, where the profile brings none."""
    first, worked = await _completions(trial)
    if "billing_address" in first.sent.document["payment_data"]:
        raise NotApplicable("The profile pays with a billing address, for which a handler may ask.", first)
    expect.that(
        "billing_address" not in worked.sent.document["payment_data"],
        f"A completion without a billing address was answered {first.status}, one with it {worked.status}.", first,
    )  # fmt: skip


@probe("checkout.session.complete.risk-signals-accepted", needs=["payment"])
async def a_completion_may_carry_risk_signals(trial: Trial) -> None:
    """A completion with the address and the browser of the buyer succeeds."""
    expect.success(await _bought_with(trial, risk_signals=SIGNALS), "A completion with risk signals")


@probe("checkout.session.complete.order-notes-accepted", needs=["payment"])
async def a_completion_may_carry_notes(trial: Trial) -> None:
    """A completion with notes succeeds."""
    expect.success(await _bought_with(trial, order_notes=NOTES), "A completion with notes")


@observation("checkout.session.complete.order-notes-echo", of="order")
def notes_come_back_as_they_were(sight: Sight) -> Iterator[Look]:
    """The notes that an order shows are those that came with its completion."""
    shown, asked = sight.get("$.confirmation.order_notes"), sight.asked.get("order_notes")
    if shown is not None and asked is not None:
        yield Look("$.confirmation.order_notes", "" if shown == asked else "The notes are not those that were given.")


@probe("checkout.session.complete.creates-order", needs=["payment", "webhook.secret"])
async def a_purchase_makes_an_order(trial: Trial) -> None:
    """The order of an answer is the one that the shop then tells of by an event."""
    session = await trial.shop.completed()
    id = (await trial.shop.first_completion()).body.get("$.order.id") or session.body.get("$.order.id")
    if id is None:
        raise Blocked("The answers show no order.", session.seen, by="checkout.session.complete.order-present")
    told = await _events_about(trial, session)
    if not told:
        raise Blocked("No event tells of the order.", session.seen, by="webhook.emit.create")
    ids = sorted({str(_data(event)["id"]) for event in told if "id" in _data(event)})  # there is none before 2026-04-17
    named = not ids or id in ids
    expect.that(named, f"The order is {id!r} in the answer, and {', '.join(ids)} in the event.", session.seen)


@probe("checkout.session.complete.payment-data-required")
async def nothing_pays_for_nothing(trial: Trial) -> None:
    """A completion without payment_data is refused, or answered by an open session that objects."""
    draft = trial.shop.completion(await waiting(trial), {}).without("payment_data")
    expect.not_bought(await trial.shop.send(draft), "A completion without payment_data")


@probe("checkout.session.complete.payment-data-shape")
async def an_empty_payment_pays_for_nothing(trial: Trial) -> None:
    """A completion with an empty payment_data is refused, or answered by an open session that objects."""
    draft = trial.shop.completion(await waiting(trial), {})
    expect.not_bought(await trial.shop.send(draft), "A completion with an empty payment_data")


@probe("checkout.session.complete.instrument-shape")
async def an_instrument_without_credential_pays_for_nothing(trial: Trial) -> None:
    """A completion whose instrument has no credential is refused, or answered by an open session that objects."""
    session = await waiting(trial)
    draft = trial.shop.completion(session, trial.shop.payment.unpaid(session))
    seen = await trial.shop.send(draft.without("payment_data.instrument.credential"))
    expect.not_bought(seen, "A completion whose instrument has no credential")


@probe("checkout.session.complete.legacy-token-shape-rejected", needs=["payment"])
async def the_old_payment_is_not_taken(trial: Trial) -> None:
    """A token that pays, with its provider, as it was sent before 2026-01-30, pays for nothing."""
    session = await waiting(trial)
    old = {"token": await trial.shop.payment.token(session), "provider": "stripe"}
    seen = await trial.shop.send(trial.shop.completion(session, old))
    expect.not_bought(seen, "A completion with token and provider")


@probe("checkout.session.complete.unknown-handler", needs=["payment"])
async def an_unknown_handler_brings_no_order(trial: Trial) -> None:
    """A completion through a handler that the session does not offer brings no order."""
    draft = await trial.shop.completing(await waiting(trial))
    seen = await trial.shop.send(draft.changed({"payment_data.handler_id": trial.fresh("handler")}))
    expect.no_order(seen, "A completion through an unknown handler")


@probe("checkout.session.complete.billing-address-shape", needs=["payment"])
async def a_billing_address_without_postal_code_is_not_taken(trial: Trial) -> None:
    """A completion whose billing address has no postal code is refused, or answered by a session that objects."""
    place = trial.profile.get("payment.billing_address") or trial.profile.address()
    if place is None:
        raise Missing("addresses.main", "there is no address to bill.")
    draft = (await trial.shop.completing(await waiting(trial))).changed({"payment_data.billing_address": place})
    seen = await trial.shop.send(draft.without("payment_data.billing_address.postal_code"))
    expect.not_bought(seen, "A completion whose billing address has no postal code")


@probe("checkout.session.complete.payment-terms-unknown", needs=["payment"])
async def unknown_payment_terms_are_not_taken(trial: Trial) -> None:
    """A completion with payment terms of seven days is refused, or answered by a session that objects."""
    draft = await trial.shop.completing(await waiting(trial))
    seen = await trial.shop.send(draft.changed({"payment_data.payment_terms": "net_7"}))
    expect.not_bought(seen, "A completion with unknown payment terms")


@probe("checkout.session.complete.purchase-order")
async def a_purchase_order_does_no_harm(trial: Trial) -> None:
    """A completion with the number of a purchase order alone is taken or refused, and no crash."""
    draft = trial.shop.completion(await waiting(trial), {"purchase_order_number": "PO-1001"})
    expect.no_crash(await trial.shop.send(draft), "A completion with a purchase order")


@probe("checkout.session.complete.not-ready-no-order", needs=["payment"])
async def a_session_that_is_not_ready_is_not_sold(trial: Trial) -> None:
    """A completion of a session that waits for something brings no order and leaves its status."""
    session = await _not_ready(trial)
    status = session.status
    expect.no_order(
        await trial.shop.send(await trial.shop.completing(session)), f"A completion of a session that is {status}"
    )
    now = (await trial.shop.seen(session)).status
    expect.that(now == status, f"A session that was {status} is {now} after a completion.", session.seen, at="$.status")


async def waiting(trial: Trial) -> Session:
    """A session that can be paid, which the completions share that should not pay for it."""
    session = await trial.shop.shared_ready()
    return session if session.status == "ready_for_payment" else await trial.shop.ready()


async def _completions(trial: Trial) -> tuple[Exchange, Exchange]:
    """The first completion that was tried, and the one that worked."""
    tries = await trial.shop.completions()
    if not tries[-1].succeeded:
        raise Blocked(f"Nothing could be bought: {tries[-1].label}.", tries[-1], by=COMPLETED)
    return tries[0], tries[-1]


async def _bought_with(trial: Trial, **members: Any) -> Exchange:
    """The answer to a completion of another session that carries these members too."""
    await trial.shop.completed()
    session = await trial.shop.ready()
    return await trial.shop.paid(session, (await trial.shop.completing(session)).changed(members))


async def _not_ready(trial: Trial) -> Session:
    """A session that lacks an address, or, where none is needed, one whose item is out of stock."""
    draft = (await trial.shop.creating()).without(trial.shop.dialect.address)
    session = await trial.shop.opened(draft)
    if session.status not in ("not_ready_for_payment", "incomplete"):
        session = await trial.shop.opened_for("out_of_stock")
    if session.status not in ("not_ready_for_payment", "incomplete"):
        raise NotApplicable(f"No session of the shop waits for anything: {session.told()}.", session.seen)
    return session


def _codes(seen: Exchange) -> list[Any]:
    """The codes that an answer tells: of the messages of a session, or of an error."""
    return [code for pattern in ("$.messages[*].code", "$.code") for _, code in seen.body.select(pattern)]


async def _events_about(trial: Trial, session: Session) -> list[Exchange]:
    """The order events about a session, of which the first is waited for."""
    seconds = float(trial.profile.get("webhook.seconds", WAIT_SECONDS))
    about = partial(_is_about, session.id)
    came = await trial.events.wait(lambda events: any(map(about, events)), seconds)
    return [event for event in came if about(event)]


def _is_about(session_id: str, event: Exchange) -> bool:
    return _data(event).get("checkout_session_id") == session_id


def _data(event: Exchange) -> dict[str, Any]:
    document = event.sent.document
    data = document.get("data") if isinstance(document, dict) else None
    return data if isinstance(data, dict) else {}
