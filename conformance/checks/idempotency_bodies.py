"""Checks of what repeats what: which bodies are equal under one idempotency key, and what conflicts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from acp import headers
from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.findings import Blocked, NotApplicable
from conformance.trial import refusals, repetition
from conformance.trial.repetition import Keyed, id_of
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

METADATA: Final = {"n": 1, "t": "é"}
COMPARED: Final = "checkout.idempotency.equivalence.whitespace"
CONFLICT: Final = "checkout.idempotency.conflict.status"
IGNORED: Final = "checkout.idempotency.equivalence.ignored-members"
PERMANENT: Final = "checkout.idempotency.conflict.permanent"


# Which bodies are equal


@probe(COMPARED)
async def whitespace_makes_no_other_request(trial: Trial) -> None:
    """A create that is sent again pretty-printed is given the first answer."""
    keyed = await repetition.replaying(trial)
    _is_repetition(keyed, await _pretty(trial, keyed), "A create sent again pretty-printed")


@probe("checkout.idempotency.equivalence.key-order")
async def the_order_of_members_makes_no_other_request(trial: Trial) -> None:
    """A create that is sent again with the members of every object in reverse order is given the first answer."""
    keyed = await _comparing(trial)
    raw = json.dumps(_reversed(keyed.draft.body), ensure_ascii=False).encode()
    _is_repetition(keyed, await trial.shop.send(keyed.draft.said(raw)), "A create with its members in reverse order")


@probe("checkout.idempotency.equivalence.string-escapes")
async def escapes_make_no_other_request(trial: Trial) -> None:
    """A create that is sent again with escapes in its strings is given the first answer."""
    await _comparing(trial)
    keyed = await _with_metadata(trial)
    raw = json.dumps(keyed.draft.body).encode()
    _is_repetition(keyed, await trial.shop.send(keyed.draft.said(raw)), "A create sent again with escapes")


@probe("checkout.idempotency.equivalence.trailing-zero")
async def a_trailing_zero_makes_no_other_request(trial: Trial) -> None:
    """A create that is sent again with 1.0 where 1 was is given the first answer."""
    await _comparing(trial)
    keyed = await _with_metadata(trial)
    raw = keyed.draft.content.replace(b'"n": 1', b'"n": 1.0')
    _is_repetition(keyed, await trial.shop.send(keyed.draft.said(raw)), "A create sent again with 1.0 for 1")


@probe("checkout.idempotency.equivalence.headers-ignored")
async def headers_make_no_other_request(trial: Trial) -> None:
    """A create that is sent again with other headers is given the first answer."""
    keyed = await repetition.replaying(trial)
    other = {headers.REQUEST_ID: trial.fresh("req"), "User-Agent": "another-agent", "Accept-Language": "de-DE"}
    _is_repetition(keyed, await trial.shop.send(keyed.draft.headed(other)), "A create sent again with other headers")


@probe("checkout.idempotency.equivalence.array-order")
async def the_order_of_an_array_makes_another_request(trial: Trial) -> None:
    """A create that is sent again with its interventions the other way round is refused."""
    keyed = await _conflicting(trial)
    other = {"capabilities.interventions.supported": ["address_verification", "3ds"]}
    _is_refused(await trial.shop.send(keyed.draft.changed(other)), "a create with an array in another order")


@probe("checkout.idempotency.equivalence.null-vs-absent")
async def null_makes_another_request(trial: Trial) -> None:
    """A create that is sent again with a member of null more is refused."""
    if not (await _other_metadata(trial)).refused:
        raise Blocked("Other metadata makes no other request here.", await _other_metadata(trial), by=IGNORED)
    keyed = await _with_metadata(trial)
    _is_refused(await trial.shop.send(keyed.draft.changed({"metadata.b": None})), "a create with a null more")


@probe(IGNORED)
async def metadata_makes_another_request(trial: Trial) -> None:
    """A create that is sent again with other metadata is refused."""
    _is_refused(await _other_metadata(trial), "a create with other metadata")


@probe("checkout.idempotency.extension-fields")
async def members_of_an_extension_make_another_request(trial: Trial) -> None:
    """Where the discount extension is active, a create that is sent again with another code is refused."""
    session = await trial.shop.shared()
    names = [name for _, name in session.body.select("$.capabilities.extensions[*].name")]
    if "discount" not in names:
        raise NotApplicable("The session declares no discount extension.", session.seen)
    await _conflicting(trial)
    keyed = await repetition.created(trial, "with a code", {"discounts": {"codes": ["ONE"]}})
    _is_refused(await trial.shop.send(keyed.draft.changed({"discounts.codes": ["TWO"]})), "a create with another code")


# What conflicts


@probe(CONFLICT)
async def another_body_is_refused_with_422(trial: Trial) -> None:
    """A create with another body under a used key is answered 422."""
    seen = (await repetition.conflicts(trial)).first
    expect.status(seen, trial.shop.dialect.conflict[0], to="A create with another body under a used key")


@probe("checkout.idempotency.conflict.code")
async def a_conflict_has_its_code(trial: Trial) -> None:
    """The refusal is an invalid_request with the code idempotency_conflict."""
    seen = (await repetition.conflicts(trial)).first
    refusals.given(seen, CONFLICT)
    expect.error(seen, type="invalid_request", code=trial.shop.dialect.conflict[1])


@probe("checkout.idempotency.legacy.conflict-409")
async def another_body_was_refused_with_409(trial: Trial) -> None:
    """Before 2026-04-17, it is answered 409 with the code idempotency_conflict."""
    status, code = trial.shop.dialect.conflict
    seen = expect.status((await repetition.conflicts(trial)).first, status, to="A create with another body")
    expect.error(seen, code=code)


@probe("checkout.idempotency.conflict.update")
async def another_update_is_a_conflict(trial: Trial) -> None:
    """An update with another body under a used key is refused as a create is."""
    await _is_conflict(trial, (await repetition.updates(trial)).conflict, "An update")


@probe("checkout.idempotency.conflict.complete", needs=["payment"])
async def another_completion_is_a_conflict(trial: Trial) -> None:
    """A completion with another body under a used key is refused as a create is."""
    keyed = await repetition.completed(trial)
    seen = await trial.shop.send(repetition.another(trial, keyed.draft))
    await _is_conflict(trial, seen, "A completion")


@probe("checkout.idempotency.conflict.cancel")
async def another_cancel_is_a_conflict(trial: Trial) -> None:
    """A cancellation with another body under a used key is refused for its key, or for its session."""
    draft = replace((await repetition.canceled(trial)).draft, body=repetition.TRACE)
    seen = expect.answered(await trial.shop.send(draft))
    conflict, _ = trial.shop.dialect.conflict
    told = f"A cancel with another body under a used key was answered {seen.status}, not 405 or {conflict}."
    expect.that(seen.refused and (seen.status != 409 or conflict == 409), told, seen)
    if seen.status not in (405, conflict):
        raise Blocked(f"A cancel with a trace is refused with {seen.status}, which may have another reason.", seen)


@probe("checkout.idempotency.conflict.no-effect")
async def a_conflict_changes_nothing(trial: Trial) -> None:
    """After an update that conflicted, a read shows what the update before it had shown."""
    done = await repetition.updates(trial)
    refusals.given(done.conflict, "checkout.idempotency.conflict.update")
    if done.again.document != done.first.first.document:
        raise Blocked("A repeated update was not given its first answer.", done.again, by=repetition.REPLAYED_UPDATE)
    before, after = _state(done.second.first), _state(repetition.shown(done.after))
    if not before.keys() & after.keys():
        raise NotApplicable("A session shows neither who buys nor what.", done.after)
    for name in before.keys() & after.keys():
        told = f"The {name} {before[name]} is {after[name]} after an update that conflicted."
        expect.that(before[name] == after[name], told, done.conflict, done.after)


@probe(PERMANENT)
async def a_conflict_stays_one(trial: Trial) -> None:
    """The other body is refused again, and the first body still given its answer."""
    done = await repetition.conflicts(trial)
    refusals.given(done.first, CONFLICT)
    expect.status(done.second, done.first.status, to="The same conflicting create once more")
    await repetition.replaying(trial)
    _is_repetition(done.keyed, done.original, "The first body under its key, after another was refused,")


# What these checks stand on


async def _pretty(trial: Trial, keyed: Keyed) -> Exchange:
    raw = json.dumps(keyed.draft.body, ensure_ascii=False, indent=3).encode()
    return await trial.memory.once("pretty", lambda: trial.shop.send(keyed.draft.said(raw)))


async def _comparing(trial: Trial) -> Keyed:
    """The same, of a shop that compares more than bytes."""
    keyed = await repetition.replaying(trial)
    if not keyed.repeated_by(await _pretty(trial, keyed)):
        raise Blocked("Whitespace alone makes another request here.", by=COMPARED)
    return keyed


async def _with_metadata(trial: Trial) -> Keyed:
    """A create with metadata. Raises NotApplicable where the shop takes none."""
    try:
        return await repetition.created(trial, "metadata", {"metadata": METADATA})
    except Blocked as refused:
        raise NotApplicable(f"No session is opened with metadata: {refused.says}", *refused.seen) from refused


async def _other_metadata(trial: Trial) -> Exchange:
    """The answer to other metadata under a used key, of a shop that refuses other bodies."""
    await _conflicting(trial)
    draft = (await _with_metadata(trial)).draft.changed({"metadata.n": 2})
    return await trial.memory.once("other metadata", lambda: trial.shop.send(draft))


async def _conflicting(trial: Trial) -> Keyed:
    """A create under a key that refuses other bodies, as often as they come."""
    done = await repetition.conflicts(trial)
    for seen, by in ((done.first, CONFLICT), (done.second, PERMANENT)):
        refusals.given(seen, by)
    return done.keyed


def _refused(seen: Exchange, by: str) -> Exchange:
    """The answer, where it is a refusal. Raises Blocked, by the requirement that asks for one."""
    if not expect.answered(seen).refused:
        raise Blocked(f"There was no refusal: {seen.label}.", seen, by=by)
    return seen


# How answers are judged


def _is_repetition(keyed: Keyed, seen: Exchange, what: str) -> None:
    expect.answered(seen)
    told = f"{what} was answered {seen.status} for {id_of(seen)!r}, not as the first time: {keyed.first.status}."
    expect.that(keyed.repeated_by(seen), told, keyed.first, seen)


def _is_refused(seen: Exchange, what: str) -> None:
    expect.refusal(seen, f"The same key with {what}")


async def _is_conflict(trial: Trial, seen: Exchange, what: str) -> None:
    """A refusal with the status and code of a conflict; one that is wrong as it is on create is judged there."""
    rule, plain = trial.shop.dialect.conflict, (await repetition.conflicts(trial)).first
    here, there = (expect.answered(each).status == rule[0] and _code(each) == rule[1] for each in (seen, plain))
    if seen.refused and not here and not there and (seen.status, _code(seen)) == (plain.status, _code(plain)):
        raise Blocked(f"Conflicts are refused with {seen.status} on create too.", seen, by=CONFLICT)
    told = f"{what} with another body under a used key was answered {seen.status} ({_code(seen)}), not {rule[0]}."
    expect.that(here, told, seen)


def _code(seen: Exchange) -> Any:
    return seen.body.get("$.code")


def _state(seen: Exchange) -> dict[str, Any]:
    """What an update can have changed of a session, as far as it is shown: who buys, and what."""
    items = sorted(str(item) for _, item in seen.body.select("$.line_items[*].item.id"))
    shown = {"buyer": seen.body.get("$.buyer.first_name"), "items": items}
    return {name: value for name, value in shown.items() if value}


def _reversed(value: Any) -> Any:
    """A document with the members of every object in reverse order."""
    if isinstance(value, dict):
        return {name: _reversed(member) for name, member in reversed(value.items())}
    return [_reversed(entry) for entry in value] if isinstance(value, list) else value
