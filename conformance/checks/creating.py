"""Probes of create: what it answers, what it needs, and what it does not take."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.findings import Blocked, NotApplicable
from conformance.trial.session import is_session
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

LONGEST_NOTES: Final = 5_000
"""Characters of `order_notes`."""


@probe("checkout.session.create.status-201")
async def a_session_is_created_with_201(trial: Trial) -> None:
    """The control request of create is answered 201, with a session."""
    created = expect.status(await trial.shop.first(), 201)
    session = expect.json_object(created)
    expect.that(is_session(session), "The answer to create is an object, but no checkout session.", created)


@probe("checkout.session.create.minimal-request-accepted")
async def a_create_needs_no_more_than_items(trial: Trial) -> None:
    """The control request of create succeeds with nothing but an item by its id, the currency and the capabilities."""
    expect.success(await _least(trial), "The least create")


@probe("checkout.session.body.fulfillment-options-array")
async def there_are_options_before_there_is_an_address(trial: Trial) -> None:
    """A session that knows neither buyer nor address is opened, so that its members are seen."""
    seen = await _least(trial)
    if not seen.succeeded:
        raise NotApplicable(f"No session is opened without buyer and address: {seen.label}.", seen)


@probe("checkout.session.create.line-items-required")
async def a_create_without_items_is_not_taken(trial: Trial) -> None:
    """The control request without its items is refused, or answered by a session that objects."""
    draft = (await trial.shop.creating()).without(trial.shop.dialect.items)
    expect.not_taken(await trial.shop.send(draft), "A create without items")


@probe("checkout.session.create.line-items-nonempty")
async def a_create_of_nothing_is_not_taken(trial: Trial) -> None:
    """The control request with an empty list of items is refused, or answered by a session that objects."""
    draft = (await trial.shop.creating()).changed({trial.shop.dialect.items: []})
    expect.not_taken(await trial.shop.send(draft), "A create with an empty list of items")


@probe("checkout.session.create.item-id-required")
async def a_line_without_an_id_is_not_taken(trial: Trial) -> None:
    """The control request whose line has no id is refused, or answered by a session that objects."""
    draft = (await trial.shop.creating()).without(f"{trial.shop.dialect.items}.0.id")
    expect.not_taken(await trial.shop.send(draft), "A create whose line has no id")


@probe("checkout.session.create.wrong-types-rejected")
async def a_create_of_wrong_types_is_not_taken(trial: Trial) -> None:
    """Items that are one object, and an id that is a list, open no session that can be paid."""
    items, draft = trial.shop.dialect.items, await trial.shop.creating()
    line = draft.body[items][0]
    for members, what in (
        ({items: line}, f"A create whose {items} is an object"),
        ({f"{items}.0.id": [line["id"]]}, "A create whose id of an item is a list"),
    ):
        expect.not_payable(await trial.shop.send(draft.changed(members)), what)


@probe("checkout.session.create.currency-required")
async def a_create_without_a_currency_is_refused(trial: Trial) -> None:
    """The control request without its currency is refused."""
    draft = (await trial.shop.creating()).without("currency")
    expect.refusal(await trial.shop.send(draft), "A create without a currency")


@probe("checkout.session.create.invalid-json-rejected")
async def a_create_that_breaks_off_is_refused(trial: Trial) -> None:
    """The control request without its last byte is no JSON, and refused."""
    draft = await trial.shop.creating()
    expect.refusal(await trial.shop.send(draft.said(draft.content[:-1])), "A create that is no JSON")


@probe("checkout.session.create.unknown-item")
async def an_unknown_item_cannot_be_paid(trial: Trial) -> None:
    """The control request for an item that nobody sells is refused, or opens no session that can be paid."""
    draft = (await trial.shop.creating()).changed({f"{trial.shop.dialect.items}.0.id": trial.fresh("item")})
    expect.not_payable(await trial.shop.send(draft), "A create for an unknown item")


@probe("checkout.session.create.locale-timezone-accepted")
async def a_create_may_say_where_the_agent_is(trial: Trial) -> None:
    """The control request of create with locale, timezone and metadata succeeds."""
    members = {"locale": "en-US", "timezone": "America/New_York", "metadata": {"a": "1"}}
    draft = (await trial.shop.creating()).changed(members)
    expect.success(await trial.shop.send(draft), "A create with locale, timezone and metadata")


@probe("checkout.session.create.coupons-string-array")
async def coupons_in_one_string_do_no_harm(trial: Trial) -> None:
    """The control request of create whose coupons are a string is refused, or they are passed over."""
    draft = (await trial.shop.creating()).changed({"coupons": "X"})
    expect.no_crash(await trial.shop.send(draft), "A create whose coupons are a string")


@probe("checkout.session.create.order-notes-accepted")
async def a_create_may_carry_notes(trial: Trial) -> None:
    """The control request of create with notes of the greatest length succeeds."""
    expect.success(await _noted(trial), f"A create with notes of {LONGEST_NOTES} characters")


@probe("checkout.session.create.order-notes-too-long")
async def notes_have_an_end(trial: Trial) -> None:
    """With one character more, it is refused."""
    if not (await _noted(trial)).succeeded:
        raise Blocked("Shorter notes are not taken either.", by="checkout.session.create.order-notes-accepted")
    draft = (await trial.shop.creating()).changed({"order_notes": "n" * (LONGEST_NOTES + 1)})
    expect.refusal(await trial.shop.send(draft), f"A create with notes of {LONGEST_NOTES + 1} characters")


@probe("checkout.session.body.id-unique")
async def two_sessions_have_two_ids(trial: Trial) -> None:
    """The control request under another key opens another session."""
    one, other = await trial.shop.shared(), await trial.shop.opened()
    expect.that(one.id != other.id, f"Two creates opened one session, {one.id}.", one.created, other.seen, at="$.id")


@probe("checkout.session.out-of-stock.message")
async def what_is_sold_out_is_said(trial: Trial) -> None:
    """A create for an item that is out of stock is answered by a session with an error message of that code."""
    seen = await _sold_out(trial)
    expect.that(
        seen.refused or "out_of_stock" in expect.codes(seen), "No message says out_of_stock.", seen, at="$.messages"
    )


@probe("checkout.session.out-of-stock.status")
async def what_is_sold_out_cannot_be_paid(trial: Trial) -> None:
    """A session for an item that is out of stock waits."""
    seen = await _sold_out(trial)
    if not seen.succeeded:
        raise Blocked(f"There is no such session: {seen.label}.", seen, by="checkout.session.out-of-stock.message")
    others = {*trial.shop.dialect.statuses} - {"not_ready_for_payment", "incomplete"}
    status = expect.session_status(seen)
    says = f"A session for an item that is out of stock is {status}."
    expect.that(status not in others, says, seen, at="$.status")


@probe("checkout.session.body.continue-url")
async def where_to_go_on_is_an_address(trial: Trial) -> None:
    """A session that the buyer has to go on with elsewhere is opened, so that its `continue_url` is seen."""
    if trial.profile.item("continues") is None:
        raise NotApplicable("The profile brings no items.continues.")
    await trial.shop.opened_for("continues")


async def _least(trial: Trial) -> Exchange:
    """The answer to a create with nothing but what every version asks for."""
    shop, draft = trial.shop, await trial.shop.creating()
    body = shop.dialect.create_body([{"id": shop.item("in_stock")["id"]}], trial.profile.currency)
    if shop.dialect.declares:
        body["capabilities"] = draft.body["capabilities"]
    return await trial.memory.once("least", lambda: shop.send(replace(draft, body=body)))


async def _sold_out(trial: Trial) -> Exchange:
    """The answer to a create for an item that is out of stock; a crash is none."""
    draft = trial.shop.draft_for(trial.shop.item("out_of_stock"))
    await trial.shop.shared()
    seen = await trial.memory.once("sold out", lambda: trial.shop.send(draft))
    return expect.no_crash(seen, "A create for an item that is out of stock")


async def _noted(trial: Trial) -> Exchange:
    """The answer to a create with the longest notes."""
    draft = (await trial.shop.creating()).changed({"order_notes": "n" * LONGEST_NOTES})
    return await trial.memory.once("noted", lambda: trial.shop.send(draft))
