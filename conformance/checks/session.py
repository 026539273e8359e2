"""Checks of the checkout session: create, update, retrieve, complete, cancel."""

from __future__ import annotations

from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.trial.session import is_session
from conformance.trial.trial import Trial


@probe("checkout.session.create.status-201")
async def a_session_is_created_with_201(trial: Trial) -> None:
    """The control request of create is answered 201, with a session."""
    created = expect.status(await trial.shop.first(), 201)
    session = expect.json_object(created)
    expect.that(is_session(session), "The answer to create is an object, but no checkout session.", created)


@probe("checkout.session.create.line-items-required")
async def a_create_without_items_is_not_taken(trial: Trial) -> None:
    """The control request without its items is refused, or answered by a session that objects."""
    draft = await trial.shop.creating()
    expect.not_taken(await trial.shop.send(draft.without(trial.shop.dialect.items)), "A create without items")


@probe("checkout.session.complete.status-200", needs=["payment"])
async def a_purchase_is_completed_with_200(trial: Trial) -> None:
    """A completion that succeeds is answered 200."""
    purchase = await trial.shop.completed()
    expect.status(purchase.seen, 200)
