"""Checks of affiliate attribution: it is taken at both ends of a purchase, never shown again, and never in the way.

What is malformed is tried only at shops whose profile says that they support attribution (A45).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from conformance.checking import expect
from conformance.checking.jsonpath import begins, is_path
from conformance.checking.registry import probe
from conformance.document import Document
from conformance.findings import Blocked, NotApplicable
from conformance.trial.draft import Draft
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

MEMBER: Final = "affiliate_attribution"
PROVIDER: Final = "affiliate.example"

CREATED: Final = "checkout.affiliate.create.accepted"
COMPLETED: Final = "checkout.affiliate.complete.accepted"
KNOWN: Final = "checkout.affiliate.unknown-provider-ok"
CONFLICT: Final = "checkout.idempotency.conflict.status"

MALFORMED: Final[Mapping[str, Mapping[str, Any]]] = {
    "without a provider": {"token": "t"},
    "without a token and a publisher": {"provider": PROVIDER},
    "with an object in its metadata": {"provider": PROVIDER, "token": "t", "metadata": {"a": {"b": 1}}},
    "with a list in its metadata": {"provider": PROVIDER, "token": "t", "metadata": {"a": [1]}},
}

PERSONAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "an e-mail address": {"source": "ada.moor@example.com"},
    "a phone number": {"source": "+1 202 555 0143"},
    "a member called ssn": {"ssn": "none"},
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that names an affiliate, and what was answered."""

    draft: Draft
    seen: Exchange


_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")


# It is taken


@probe("checkout.affiliate.create.accepted")
async def an_attribution_is_taken_at_creation(trial: Trial) -> None:
    """A create with a first touch is answered 201."""
    _supported(trial)
    expect.success((await _claimed(trial)).seen, to="A create with an attribution")


@probe("checkout.affiliate.unsupported-ignored")
async def an_attribution_is_ignored_where_it_is_not_supported(trial: Trial) -> None:
    """A shop that does not say that it supports attribution opens the session all the same."""
    if trial.profile.get("affiliates"):
        raise NotApplicable("The profile says that the shop supports affiliate attribution.")
    expect.success((await _claimed(trial)).seen, to="A create with an attribution")


@probe("checkout.affiliate.complete.accepted", needs=["payment"])
async def an_attribution_is_taken_at_completion(trial: Trial) -> None:
    """A completion with a last touch is answered as any other."""
    _supported(trial)
    expect.success((await _completed(trial)).seen, to="A completion with an attribution")


@probe("checkout.affiliate.metadata-primitives-accepted")
async def metadata_may_be_text_numbers_and_truth_values(trial: Trial) -> None:
    """Metadata of the three kinds are taken."""
    await _taken(trial, "metadata", metadata={"a": "x", "b": 1, "c": True})


@probe("checkout.affiliate.unknown-provider-ok")
async def any_provider_is_taken(trial: Trial) -> None:
    """A provider that nobody knows is no error."""
    expect.success((await _by_stranger(trial)).seen, to="A create with an attribution by an unknown provider")


@probe("checkout.affiliate.unknown-fields-ok")
async def unknown_members_are_ignored(trial: Trial) -> None:
    """A member that the attribution does not know is no error."""
    await _taken(trial, "an unknown member", placement="newsletter")


# What is malformed is refused


@probe("checkout.affiliate.provider-required")
async def an_attribution_names_its_provider(trial: Trial) -> None:
    """An attribution without a provider is refused."""
    await _refused(trial, "without a provider")


@probe("checkout.affiliate.token-or-publisher")
async def an_attribution_has_a_token_or_a_publisher(trial: Trial) -> None:
    """An attribution with neither token nor publisher is refused, and one with a publisher alone is taken."""
    await _refused(trial, "without a token and a publisher")
    draft = (await _claiming(trial)).changed({MEMBER: {"provider": PROVIDER, "publisher_id": "publisher"}})
    expect.success(await trial.shop.send(draft), to="A create with an attribution to a publisher")


@probe("checkout.affiliate.metadata-flat")
async def metadata_are_flat(trial: Trial) -> None:
    """Metadata with objects or lists in them are refused."""
    await _refused(trial, "with an object in its metadata")
    await _refused(trial, "with a list in its metadata")


@probe("checkout.affiliate.invalid.status-400")
async def what_is_malformed_is_a_400(trial: Trial) -> None:
    """The refusal of a malformed attribution is a 400; its error is for the rules of all errors."""
    for seen in await _refusals(trial):
        expect.status(seen, 400, to="A malformed attribution")


@probe("checkout.affiliate.invalid.param")
async def the_refusal_points_at_the_attribution(trial: Trial) -> None:
    """The param of such a refusal, where there is one, leads into the attribution."""
    for seen in await _refusals(trial):
        param = seen.body.get("$.param")
        inside = not is_path(param) or begins(param, f"$.{MEMBER}")
        expect.that(inside, f"The param {param!r} does not lead into the attribution.", seen, at="$.param")


@probe("checkout.affiliate.pii.status-400")
async def personal_data_are_refused(trial: Trial) -> None:
    """An attribution with the buyer's e-mail address in it is answered 400."""
    expect.status(await _personal(trial), 400, to="An attribution with an e-mail address")


@probe("checkout.affiliate.pii.code")
async def that_refusal_has_its_code(trial: Trial) -> None:
    """The refusal of personal data has the code pii_not_allowed."""
    seen = await _personal(trial)
    if seen.status != 400:
        raise Blocked(f"There is no refusal to look at: {seen.label}.", seen, by="checkout.affiliate.pii.status-400")
    code = seen.body.get("$.code")
    if not isinstance(code, str):
        raise Blocked("The refusal has no code in text.", seen, by="checkout.errors.code-string")
    expect.that(code == "pii_not_allowed", f"The code is {code!r}, not 'pii_not_allowed'.", seen, at="$.code")


@probe("checkout.affiliate.pii.detection")
async def personal_data_are_found_in_any_form(trial: Trial) -> None:
    """E-mail addresses, phone numbers and members that are called like personal data are found."""
    for what, metadata in PERSONAL.items():
        expect.refusal(await trial.shop.send(await _claiming(trial, metadata=metadata)), f"An attribution with {what}")


# It is never shown


@probe("checkout.affiliate.write-only.create")
async def create_does_not_show_the_attribution(trial: Trial) -> None:
    """The answer to a create with an attribution holds neither it nor its token."""
    claim = await _claimed(trial)
    _hidden(claim, _succeeded(claim.seen, CREATED))


@probe("checkout.affiliate.write-only.retrieve")
async def a_read_does_not_show_the_attribution(trial: Trial) -> None:
    """A read of that session holds neither it nor its token."""
    claim = await _claimed(trial)
    id = str(_succeeded(claim.seen, CREATED).body.get("$.id"))
    await trial.shop.readable()
    _hidden(claim, expect.success(await trial.shop.send(trial.shop.retrieving(id))))


@probe("checkout.affiliate.write-only.complete", needs=["payment"])
async def complete_does_not_show_the_attribution(trial: Trial) -> None:
    """The answer to a completion with an attribution holds neither it nor its token."""
    claim = await _completed(trial)
    _hidden(claim, _succeeded(claim.seen, COMPLETED))


@probe("checkout.affiliate.write-only.webhook", needs=["payment", "webhook.secret"])
async def events_do_not_show_the_attribution(trial: Trial) -> None:
    """The order events of that purchase hold neither it nor its token."""
    claim = await _completed(trial)
    paid = _succeeded(claim.seen, COMPLETED)
    session = await trial.shop.waited(trial.shop.sessions[str(paid.session)])

    def about(event: Exchange) -> bool:
        return bool(Document(event.sent.document).get("$.data.checkout_session_id") == session.id)

    came = await trial.events.wait(lambda came: any(map(about, came)), trial.profile.get("webhook.seconds", 10))
    if not any(map(about, came)):
        raise Blocked("No event came of the purchase.", paid)
    for event in filter(about, came):
        _hidden(claim, event)


# It is never in the way


@probe("checkout.affiliate.never-blocks", needs=["payment"])
async def another_affiliate_blocks_nothing(trial: Trial) -> None:
    """A session that one affiliate led to is completed with another."""
    seen = await _conflicting(trial)
    expect.success(seen, to="A completion with another affiliate than the creation")


@probe("checkout.affiliate.conflict-silent", needs=["payment"])
async def another_affiliate_is_not_spoken_of(trial: Trial) -> None:
    """That two affiliates claim a purchase is neither an error nor a message."""
    seen = await _conflicting(trial)
    params = [("$.param", seen.body.get("$.param")), *seen.body.select("$.messages[*].param")]
    for at, param in params:
        told = isinstance(param, str) and begins(param, f"$.{MEMBER}")
        expect.that(not told, f"The two affiliates are spoken of, at {param!r}.", seen, at=at)


@probe("checkout.affiliate.key-conflict")
async def another_attribution_is_another_request(trial: Trial) -> None:
    """The same key with another attribution is refused as with any other change of the body."""
    claim, (status, _) = await _claimed(trial), trial.shop.dialect.conflict
    _succeeded(claim.seen, CREATED)
    control = await trial.shop.send(claim.draft.changed({"buyer": {**trial.profile.buyer, "first_name": "Another"}}))
    if control.status != status:
        raise Blocked(f"No change of the body is refused under the same key: {control.label}.", control, by=CONFLICT)
    other = await trial.shop.send(claim.draft.changed({f"{MEMBER}.token": _word(trial, "token")}))
    expect.status(other, status, to="The same key with another attribution")


def _supported(trial: Trial) -> None:
    if not trial.profile.get("affiliates"):
        raise NotApplicable("The profile does not say that the shop supports affiliate attribution (`affiliates`).")


def _word(trial: Trial, kind: str) -> str:
    """A word that occurs nowhere else; without digits, which might be taken for somebody's number."""
    return trial.fresh(kind).translate(_LETTERS)


def _draft(trial: Trial, **members: Any) -> Draft:
    """The control request of create with an attribution that has these members too."""
    claim = {"provider": PROVIDER, "token": _word(trial, "token"), "touchpoint": "first", **members}
    return trial.shop.first_draft().changed({MEMBER: claim})


async def _claiming(trial: Trial, **members: Any) -> Draft:
    """The same, once a create with an attribution has succeeded in this run, at a shop that supports it."""
    _supported(trial)
    _succeeded((await _claimed(trial)).seen, CREATED)
    return _draft(trial, **members)


async def _claimed(trial: Trial) -> Claim:
    """The session that an affiliate led to."""

    async def claim() -> Claim:
        await trial.shop.shared()
        draft = _draft(trial).keyed(trial.fresh("key"))
        return Claim(draft, await trial.shop.send(draft))

    return await trial.memory.once("affiliate.claimed", claim)


async def _by_stranger(trial: Trial) -> Claim:
    """A session that an affiliate led to whom nobody knows."""

    async def claim() -> Claim:
        draft = await _claiming(trial, provider=f"{_word(trial, 'unknown')}.example")
        return Claim(draft, await trial.shop.send(draft))

    return await trial.memory.once("affiliate.stranger", claim)


async def _completed(trial: Trial) -> Claim:
    """A purchase whose completion names an affiliate; one without has succeeded in this run."""

    async def complete() -> Claim:
        await trial.shop.completed()
        session = await trial.shop.ready()
        claim = {"provider": PROVIDER, "token": _word(trial, "token"), "touchpoint": "last"}
        draft = (await trial.shop.completing(session)).changed({MEMBER: claim})
        return Claim(draft, await trial.shop.paid(session, draft))

    return await trial.memory.once("affiliate.completed", complete)


async def _conflicting(trial: Trial) -> Exchange:
    """The answer to a completion that names another affiliate than the creation did."""

    async def complete() -> Exchange:
        other = await _by_stranger(trial)
        _succeeded((await _completed(trial)).seen, COMPLETED)
        _succeeded(other.seen, KNOWN)
        created = _succeeded((await _claimed(trial)).seen, CREATED)
        session = await trial.shop.made_ready(trial.shop.sessions[str(created.document["id"])])
        claim = {**other.draft.body[MEMBER], "touchpoint": "last"}
        return await trial.shop.paid(session, (await trial.shop.completing(session)).changed({MEMBER: claim}))

    return await trial.memory.once("affiliate.conflicting", complete)


async def _personal(trial: Trial) -> Exchange:
    """The answer to a create whose attribution holds an e-mail address."""

    async def create() -> Exchange:
        return await trial.shop.send(await _claiming(trial, metadata={"user_email": "ada.moor@example.com"}))

    return await trial.memory.once("affiliate.personal", create)


async def _malformed(trial: Trial, how: str) -> Exchange:
    """The answer to a create with a malformed attribution."""

    async def create() -> Exchange:
        return await trial.shop.send((await _claiming(trial)).changed({MEMBER: MALFORMED[how]}))

    return await trial.memory.once(f"affiliate.malformed {how}", create)


async def _refused(trial: Trial, how: str) -> None:
    expect.refusal(await _malformed(trial, how), f"An attribution {how}")


async def _refusals(trial: Trial) -> Sequence[Exchange]:
    """The refusals of malformed attributions. Raises Blocked where there is none."""
    seen = [await _malformed(trial, how) for how in MALFORMED]
    if not any(each.refused for each in seen):
        raise Blocked("No malformed attribution was refused.", *seen, by="checkout.affiliate.provider-required")
    return [each for each in seen if each.refused]


async def _taken(trial: Trial, what: str, **members: Any) -> None:
    seen = await trial.shop.send(await _claiming(trial, **members))
    expect.success(seen, to=f"A create with an attribution with {what}")


def _succeeded(seen: Exchange, by: str) -> Exchange:
    if not expect.answered(seen).succeeded:
        raise Blocked(f"The attribution was not taken: {seen.label}.", seen, by=by)
    return seen


def _hidden(claim: Claim, seen: Exchange) -> None:
    """Neither the attribution nor its token is in an answer, or in an event."""
    said = seen.sent if seen.operation == "event" or seen.answer is None else seen.answer
    document = seen.sent.document if said is seen.sent else seen.document
    shown = Document(document).select(f"$..{MEMBER}")
    expect.that(not shown, "The attribution is shown.", seen, at=shown[0][0] if shown else "")
    token = str(claim.draft.body[MEMBER]["token"]).encode()
    expect.that(token not in said.body, "The token of the attribution is shown.", seen)
