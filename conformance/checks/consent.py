"""Checks of marketing consent: what is offered, that any answer to it is taken, and that it is kept to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from conformance.checking import expect
from conformance.checking.closed import undeclared
from conformance.checking.registry import Look, observation, probe
from conformance.findings import Blocked, NotApplicable
from conformance.trial.shop import COMPLETED
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

OPTIONS: Final = "$.marketing_consent_options[*]"
MEMBER: Final = "marketing_consents"

ON_PHONES: Final = ("sms", "whatsapp")
"""Channels that reach a buyer by a phone number."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase: who bought, which channels they were subscribed to before, and how the completion was answered."""

    buyer: Mapping[str, Any]
    before: set[str]
    seen: Exchange


@observation("checkout.consent.option.closed", of="session")
def an_option_has_no_further_members(sight: Sight) -> Iterator[Look]:
    """A marketing consent option has its four members."""
    yield from undeclared(sight, OPTIONS, "MarketingConsentOption")


@observation("checkout.consent.option.channel-unique", of="session")
def a_channel_is_offered_once(sight: Sight) -> Iterator[Look]:
    """No two options are of the same channel."""
    seen: list[Any] = []
    for at, channel in sight.select(f"{OPTIONS}.channel"):
        yield Look(at, f"The channel {channel!r} is offered already." if channel in seen else "")
        seen.append(channel)


@probe("checkout.consent.complete.accepted", needs=["payment"])
async def an_answer_to_the_offer_is_taken(trial: Trial) -> None:
    """A completion with an entry for each channel that is offered is answered as any other."""
    purchase = await _declining(trial)
    expect.success(purchase.seen, to="A completion with marketing_consents")


@probe("checkout.consent.complete.omission-accepted", needs=["payment"])
async def no_answer_to_the_offer_is_taken(trial: Trial) -> None:
    """A completion that does not speak of marketing succeeds, where one that does would."""
    seen = await trial.shop.first_completion()
    if expect.answered(seen).succeeded:
        return
    session = trial.shop.sessions[str(seen.session)]
    entries = _answers(_channels(session.seen), opted_in=False)
    other = await trial.shop.paid(session, (await trial.shop.completing(session)).changed({MEMBER: entries}))
    if not other.succeeded:
        raise Blocked(f"A request that has to work was refused: {seen.label}.", seen, by=COMPLETED)
    expect.success(seen, "A completion without marketing_consents")


@probe("checkout.consent.complete.malformed", needs=["payment"])
async def half_an_answer_is_refused(trial: Trial) -> None:
    """A completion with an entry that does not say yes or no is refused, and brings no order."""
    seen = (await _bought(trial, "halves", [{"channel": "email"}])).seen
    expect.refusal(seen, "A completion with an entry without opted_in")


@probe("checkout.consent.complete.unoffered-ignored", needs=["payment"])
async def an_answer_that_nobody_asked_for_is_ignored(trial: Trial) -> None:
    """A completion with an entry for a channel that is not offered is answered as any other."""
    if _channels((await trial.shop.shared()).created):
        _taken(await _declining(trial))
    purchase = await _bought(trial, "unoffered", _answers(["x_unoffered"], opted_in=True))
    expect.success(purchase.seen, to="A completion with an entry for a channel that is not offered")


@probe("checkout.consent.complete.unresolvable-ignored", needs=["payment"])
async def a_consent_without_a_number_is_ignored(trial: Trial) -> None:
    """A completion that consents to messages on a phone, with no phone number anywhere, is answered as any other."""
    phones = [channel for channel in await _offered(trial) if channel in ON_PHONES]
    if not phones:
        raise NotApplicable("The session offers no channel that needs a phone number.")
    purchase = await _bought(trial, "unreachable", _answers(phones, opted_in=True))
    expect.success(purchase.seen, to="A completion with a consent to messages that reach nobody")


@probe("checkout.consent.omission-not-consent", needs=["payment"])
async def silence_subscribes_nobody(trial: Trial) -> None:
    """After a purchase that did not speak of marketing, the buyer is subscribed to nothing new."""
    await _offered(trial)
    purchase = await _bought(trial, "silent", None)
    if not purchase.seen.succeeded:
        raise Blocked(f"A request that has to work was refused: {purchase.seen.label}.", purchase.seen, by=COMPLETED)
    new = await _new_subscriptions(trial, purchase)
    expect.that(not new, f"The buyer said nothing, and is subscribed to {new}.", purchase.seen)


@probe("checkout.consent.respect-opt-out", needs=["payment"])
async def who_says_no_is_not_subscribed(trial: Trial) -> None:
    """After a purchase in which every offer was declined, the buyer is subscribed to nothing new."""
    purchase = _taken(await _declining(trial))
    new = await _new_subscriptions(trial, purchase)
    expect.that(not new, f"The buyer said no, and is subscribed to {new}.", purchase.seen)


async def _declining(trial: Trial) -> Purchase:
    """A purchase in which every offer is declined; those that need a phone number only where the buyer has one."""
    reachable = bool(trial.profile.get("buyer.phone_number"))
    channels = [channel for channel in await _offered(trial) if reachable or channel not in ON_PHONES]
    if not channels:
        raise NotApplicable("The session offers only channels that need a phone number, and the buyer has none.")
    return await _bought(trial, "declining", _answers(channels, opted_in=False))


async def _bought(trial: Trial, kind: str, entries: Sequence[Mapping[str, Any]] | None) -> Purchase:
    """A purchase by somebody new, with these answers or with none; an ordinary one has succeeded in this run."""

    async def buy() -> Purchase:
        shop, name, (local, _, host) = trial.shop, trial.fresh(kind), trial.profile.buyer["email"].partition("@")
        await shop.completed()
        buyer = {**trial.profile.buyer, "email": f"{local}+{name}@{host}"}
        if kind == "unreachable":
            buyer.pop("phone_number", None)
        session = await shop.opened(shop.first_draft().changed({"buyer": buyer}))
        before = _subscribed(session.created)
        draft = await shop.completing(await shop.made_ready(session))
        draft = draft.changed({"buyer": buyer} if "buyer" in draft.body else {})
        answers = {} if entries is None else {MEMBER: list(entries)}
        return Purchase(buyer, before, await shop.paid(session, draft.changed(answers)))

    return await trial.memory.once(f"consent.{kind}", buy)


def _taken(purchase: Purchase) -> Purchase:
    """The purchase, whose answers were taken. Raises Blocked where they were not."""
    if not purchase.seen.succeeded:
        says = f"The answers to the offers were not taken: {purchase.seen.label}."
        raise Blocked(says, purchase.seen, by="checkout.consent.complete.accepted")
    return purchase


async def _offered(trial: Trial) -> Sequence[str]:
    """The channels that a session offers. Raises NotApplicable where it offers none."""
    session = await trial.shop.shared()
    found = _channels(session.created)
    if not found:
        raise NotApplicable("The session offers no marketing consent.", session.created)
    return found


def _channels(seen: Exchange) -> Sequence[str]:
    return [channel for _, channel in seen.body.select(f"{OPTIONS}.channel") if isinstance(channel, str)]


def _answers(channels: Sequence[str], *, opted_in: bool) -> Sequence[Mapping[str, Any]]:
    return [{"channel": channel, "opted_in": opted_in} for channel in dict.fromkeys(channels)]


async def _new_subscriptions(trial: Trial, purchase: Purchase) -> str:
    """The channels that the buyer of a purchase is subscribed to since, in words; empty where there are none.

    Raises NotApplicable where a new session does not say.
    """
    session = await trial.shop.opened(trial.shop.first_draft().changed({"buyer": purchase.buyer}))
    if not session.body.select(f"{OPTIONS}.is_subscribed"):
        raise NotApplicable("The session does not say what the buyer is subscribed to.", session.created)
    return ", ".join(sorted(_subscribed(session.created) - purchase.before))


def _subscribed(seen: Exchange) -> set[str]:
    options = [option for _, option in seen.body.select(OPTIONS) if isinstance(option, dict)]
    return {str(option.get("channel")) for option in options if option.get("is_subscribed") is True}
