"""Checks of payment handlers: what a session says of each, and what can be done with those it lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from conformance.checking import expect
from conformance.checking.closed import undeclared
from conformance.checking.registry import Look, observation, probe
from conformance.checks.capabilities import HANDLERS, ids_of
from conformance.checks.completing import waiting
from conformance.findings import Blocked
from conformance.trial.session import Session
from conformance.trial.shop import COMPLETED
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial

FAMILY: Final = "dev.acp.tokenized."
TOKEN: Final = "acpc-no-such-token"
"""A token that nobody issued."""


@observation("payment-handler.no-unknown-members", of="session")
def handlers_have_no_other_members(sight: Sight) -> Iterator[Look]:
    """A handler has the members that the schema of the version lists."""
    yield from undeclared(sight, f"{HANDLERS}[*]", "PaymentHandler")


@observation("payment-handler.id.unique", of="session")
def no_two_handlers_have_one_id(sight: Sight) -> Iterator[Look]:
    """The ids of the handlers of a session differ."""
    ids = [id for _, id in sight.select(f"{HANDLERS}[*].id") if isinstance(id, str)]
    twice = [id for id, times in Counter(ids).items() if times > 1]
    if ids:
        yield Look(HANDLERS, f"Several handlers have the id {twice[0]!r}." if twice else "")


@observation("payment-handler.config.psp", of="session")
def the_config_names_the_psp_again(sight: Sight) -> Iterator[Look]:
    """The config of a handler names the psp of the handler."""
    for at, handler in sight.select(f"{HANDLERS}[*]"):
        psp, config = (handler.get("psp"), handler.get("config")) if isinstance(handler, dict) else (None, None)
        if psp and isinstance(config, dict):
            named = config.get("psp")
            wrong = f"The config names {named!r}, the handler {psp!r}." if named != psp else ""
            yield Look(f"{at}.config.psp", wrong)


@observation("payment-handler.tokenized.delegation", of="session")
def tokens_are_delegated(sight: Sight) -> Iterator[Look]:
    """A handler of the tokenized family needs delegated payment, and no PCI compliance."""
    for at, handler in sight.select(f"{HANDLERS}[*]"):
        if isinstance(handler, dict) and str(handler.get("name")).startswith(FAMILY):
            raw = handler.get("requires_delegate_payment") is False or handler.get("requires_pci_compliance") is True
            yield Look(at, "A handler of the tokenized family takes what is not delegated." if raw else "")


@probe("payment-handler.id.stable", needs=["payment"])
async def the_handler_first_seen_pays(trial: Trial) -> None:
    """A session that was updated is paid through a handler by the id it had when the session was opened."""
    session = await trial.shop.ready()
    created = Session(session.id, session.created, session.created)
    await trial.shop.updated(session, buyer=trial.profile.buyer)
    now = await trial.shop.completing(session)
    first = now
    if now.body["payment_data"].get("handler_id") not in ids_of(created.body):
        first = now.changed({"payment_data.handler_id": trial.shop.payment.handler_of(created)})
    paid = await trial.shop.paid(session, first)
    if not paid.succeeded and not (await trial.shop.paid(session, now)).succeeded:
        raise Blocked(f"The session could not be paid through any handler: {paid.label}.", paid, by=COMPLETED)
    expect.success(paid, "A completion through the handler first seen")


@probe("payment-handler.instrument.extensible", needs=["payment"])
async def an_instrument_may_have_metadata(trial: Trial) -> None:
    """A completion that would succeed does so with metadata of the instrument, too."""
    await trial.shop.completed()
    session = await trial.shop.ready()
    draft = (await trial.shop.completing(session)).changed({"payment_data.instrument.metadata": {"a": "b"}})
    expect.success(await trial.shop.paid(session, draft), "A completion with metadata of the instrument")


@probe("payment-handler.credential.spt.unknown-token", needs=["payment"])
async def a_token_that_nobody_issued_pays_for_nothing(trial: Trial) -> None:
    """A completion that would succeed brings no order with another token."""
    await trial.shop.completed()
    session = await waiting(trial)
    draft = (await trial.shop.completing(session)).changed({"payment_data.instrument.credential.token": TOKEN})
    expect.no_order(await trial.shop.send(draft), "A completion with a token that nobody issued")
    await trial.shop.waited(session)
    expect.no_order(session.seen, "A completion with a token that nobody issued")
