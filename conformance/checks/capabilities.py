"""Checks of the capabilities of a session: how it is paid, and what a shop makes of those that the agent declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.checking import expect
from conformance.checking.closed import undeclared
from conformance.checking.registry import Look, observation, probe
from conformance.checks.completing import waiting
from conformance.checks.interventions import AT, DECLARED, incapable
from conformance.dialect import FINAL
from conformance.document import Document
from conformance.findings import Blocked
from conformance.trial.session import total_of
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial

HANDLERS: Final = "$.capabilities.payment.handlers"
OTHER_PLACES: Final = ("payment_handlers", "payment_methods")
"""Members of capabilities that other rules speak of."""

SETTINGS: Final = {
    "display_context": "webview",
    "redirect_context": "in_app",
    "max_redirects": 2,
    "max_interaction_depth": 2,
}
"""What an agent may say of itself beside the interventions it supports."""

UNKNOWN: Final = "x_future_check"
SHARED: Final = "checkout.interventions.intersection"


@observation("checkout.capabilities.response.closed-object", of="session")
def capabilities_have_no_other_members(sight: Sight) -> Iterator[Look]:
    """The capabilities of a session have the members that the schema lists."""
    yield from undeclared(sight, "$.capabilities", "Capabilities", beside=OTHER_PLACES)


@observation("checkout.capabilities.payment.declared", of="session")
def a_session_that_can_be_paid_says_how(sight: Sight) -> Iterator[Look]:
    """The first answer that shows a session ready for payment lists a payment handler, if none before it did (A51)."""
    before, session = sight.before or {}, sight.document.value
    first = session.get("status") == "ready_for_payment" and before.get("status") != "ready_for_payment"
    if first and total_of(session) > 0 and not _told_elsewhere(session):
        listed = sight.select(f"{HANDLERS}[*]") or Document(before).select(f"{HANDLERS}[*]")
        yield Look("$.capabilities.payment", "" if listed else "The session can be paid and lists no payment handler.")


@observation("checkout.capabilities.handler.stable", of="session")
def handlers_do_not_vanish(sight: Sight) -> Iterator[Look]:
    """A read of an open session lists the handlers that it listed before."""
    before, session = sight.before or {}, sight.document.value
    unchanged = sight.exchange.operation == "retrieve" and session.get("status") not in FINAL
    if not unchanged or not isinstance(session.get("capabilities"), dict):
        return
    gone = [id for id in ids_of(Document(before)) if id not in ids_of(sight.document)]
    yield Look(HANDLERS, f"The handlers {gone} are not listed any more." if gone else "")


@probe("checkout.capabilities.request.missing")
async def a_create_without_capabilities_is_refused(trial: Trial) -> None:
    """The control request of create without its capabilities is a 4xx."""
    draft = await trial.shop.creating()
    expect.refusal(await trial.shop.send(draft.without("capabilities")), "A create without capabilities")


@probe("checkout.capabilities.request.empty-object")
async def empty_capabilities_are_taken(trial: Trial) -> None:
    """The control request of create with empty capabilities opens a session."""
    draft = await trial.shop.creating()
    expect.success(await trial.shop.send(draft.changed({"capabilities": {}})), "A create with empty capabilities")


@probe("checkout.capabilities.request.agent-fields-not-echoed")
async def the_settings_of_the_agent_do_not_come_back(trial: Trial) -> None:
    """A session does not repeat what the agent said of how it shows interventions."""
    told = {f"capabilities.interventions.{name}": value for name, value in SETTINGS.items()}
    session = await trial.shop.opened((await trial.shop.creating()).changed(told))
    shown = [name for name in SETTINGS if session.body.select(f"$.capabilities.interventions.{name}")]
    says = f"The session repeats {', '.join(shown)}."
    expect.that(not shown, says, session.seen, at="$.capabilities.interventions")


@probe("checkout.capabilities.unknown.intervention-ignored")
async def an_unknown_intervention_is_ignored(trial: Trial) -> None:
    """A create that declares an intervention nobody knows opens a session without it."""
    draft = (await trial.shop.creating()).changed({DECLARED: ["3ds", UNKNOWN]})
    opened = expect.success(await trial.shop.send(draft), "A create with an unknown intervention")
    shown = [value for _, value in opened.body.select(f"{AT}[*]")]
    expect.that(UNKNOWN not in shown, f"The session supports {UNKNOWN}, which nobody knows.", opened, at=AT)


@probe("checkout.capabilities.unknown.member-ignored")
async def an_unknown_capability_is_tolerated(trial: Trial) -> None:
    """A create that declares a capability nobody knows opens a session."""
    draft = (await trial.shop.creating()).changed({"capabilities.x_future": {"a": 1}})
    expect.success(await trial.shop.send(draft), "A create with an unknown capability")


@probe("checkout.capabilities.security.validate-payment", needs=["payment"])
async def an_unknown_instrument_pays_for_nothing(trial: Trial) -> None:
    """A completion that would succeed, with a type of instrument that no handler knows, brings no order."""
    await trial.shop.completed()
    session = await waiting(trial)
    draft = (await trial.shop.completing(session)).changed({"payment_data.instrument.type": "x_conformance_unknown"})
    seen = await trial.shop.send(draft)
    expect.no_order(seen, "A completion with an unknown instrument")
    await trial.shop.waited(session)
    expect.no_order(session.seen, "A completion with an unknown instrument")


@probe("checkout.capabilities.incompatible-message")
async def incompatible_capabilities_are_explained(trial: Trial) -> None:
    """An agent that cannot do what the purchase needs is told so by a message, or refused."""
    opened = await incapable(trial)
    explained = opened.refused or opened.body.select("$.messages[*]")
    expect.that(bool(explained), "No message says that the agent cannot do what is needed.", opened, at="$.messages")


@probe("checkout.capabilities.empty-intersection-visible")
async def that_nothing_is_shared_can_be_seen(trial: Trial) -> None:
    """An agent that declares no intervention sees an empty list of shared ones, or a message."""
    opened = await incapable(trial)
    shown: Any = opened.body.get(AT)
    if shown:
        raise Blocked(f"The session lists {shown}, none of which the agent declared.", opened, by=SHARED)
    visible = opened.refused or shown == [] or opened.body.select("$.messages[*]")
    expect.that(bool(visible), "Nothing shows that agent and shop share no intervention.", opened, at=AT)


def ids_of(session: Document) -> list[Any]:
    """The ids of the handlers that a session lists."""
    return [id for _, id in session.select(f"{HANDLERS}[*].id")]


def _told_elsewhere(session: dict[str, Any]) -> bool:
    """Whether a session says how it is paid in a place or a form that other rules judge, or has no capabilities."""
    capabilities = session.get("capabilities")
    if not isinstance(capabilities, dict) or any(name in capabilities for name in OTHER_PLACES):
        return True
    payment = capabilities.get("payment")
    return payment is not None and not (isinstance(payment, dict) and isinstance(payment.get("handlers"), list))
