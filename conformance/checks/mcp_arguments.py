"""Probes of the arguments of tools: meta, id and payload, which are needed, and what is done with them."""

from __future__ import annotations

from collections.abc import AsyncIterator

from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.checking.tool import taken, turned_down
from conformance.document import Document
from conformance.findings import Blocked, Missing
from conformance.trial import calls
from conformance.trial.draft import UNSET, Draft
from conformance.trial.repetition import another
from conformance.trial.shop import Shop
from conformance.trial.told import Told
from conformance.trial.trial import Trial

ACTING = "mcp.args.meta.fields"


# meta


@probe("mcp.args.meta-required")
async def a_call_without_meta_is_refused(trial: Trial) -> None:
    """A create that worked is refused without `meta`."""
    seen = await calls.send(trial, await calls.creating(trial), {"meta": UNSET})
    turned_down(seen, "A create without meta")


@probe("mcp.args.meta.api-version")
async def a_call_without_a_version_is_refused(trial: Trial) -> None:
    """A create that worked is refused without `meta.api_version`."""
    seen = await calls.send(trial, await calls.creating(trial), {"meta.api_version": UNSET})
    turned_down(seen, "A create without meta.api_version")


@probe("mcp.args.meta.api-version.unsupported")
async def a_version_that_there_is_not_is_an_invalid_request(trial: Trial) -> None:
    """A create that worked is refused for version 1999-01-01, with an error of type invalid_request."""
    seen = await calls.send(trial, await calls.creating(trial), {"meta.api_version": "1999-01-01"})
    turned_down(seen, "A create in version 1999-01-01")
    kind = (seen.error or {}).get("type")
    says = f"A create in version 1999-01-01 was refused with an error of type {kind!r}, not 'invalid_request'."
    expect.that(kind == "invalid_request", says, seen)


@probe(ACTING)
async def a_key_in_meta_is_an_idempotency_key(trial: Trial) -> None:
    """A create that is sent twice under one `meta.idempotency_key` opens one session."""
    first, again = await _twice(trial)
    one, other = taken(first, "A create under a key"), taken(again, "The same create under the same key")
    says = f"Two creates under one meta.idempotency_key opened {one.get('id')} and {other.get('id')}."
    expect.that(one.get("id") == other.get("id"), says, first, again)


@probe("mcp.args.meta.unknown-ignored")
async def meta_may_hold_what_nobody_knows(trial: Trial) -> None:
    """A create that worked is taken with a member of `meta` that there is not."""
    seen = await calls.send(trial, await calls.creating(trial), {"meta.x_future": "1"})
    taken(seen, "A create with an unknown member of meta")


@probe("mcp.args.meta.idempotency-key.optional")
async def a_key_may_be_left_out(trial: Trial) -> None:
    """A create that worked is taken without `meta.idempotency_key`, unlike over REST (MC-4)."""
    seen = await calls.send(trial, (await calls.creating(trial)).keyed(None))
    taken(seen, "A create without meta.idempotency_key")


@probe("mcp.error.idempotency-conflict")
async def a_key_is_good_for_one_payload(trial: Trial) -> None:
    """Under a key that was used, another payload is refused with the code idempotency_conflict (MC-3)."""
    first, again = await _twice(trial)
    if (first.shown or {}).get("id") != (again.shown or {}).get("id"):
        raise Blocked("The key in meta is none.", first, again, by=ACTING)
    draft = another(trial, await _keyed(trial))
    seen = turned_down(await calls.send(trial, draft), "Another payload under a key that was used")
    code = (seen.error or {}).get("code")
    expect.that(code == "idempotency_conflict", f"The code is {code!r}, not 'idempotency_conflict'.", seen)


# id


@probe("mcp.args.id")
async def a_call_without_an_id_is_refused(trial: Trial) -> None:
    """A get, an update, a cancel and, where something can be paid, a complete that worked are refused without `id`."""
    drafts = [await calls.retrieving(trial), await calls.updating(trial), await _canceling(trial)]
    async for draft in _then_complete(trial, drafts):
        turned_down(await calls.send(trial, draft, {"id": UNSET}), f"A {draft.operation} without id")


# payload


@probe("mcp.args.payload-required")
async def a_call_without_a_payload_is_refused(trial: Trial) -> None:
    """A create, an update and, where something can be paid, a complete that worked are refused without `payload`."""
    async for draft in _then_complete(trial, [await calls.creating(trial), await calls.updating(trial)]):
        turned_down(await calls.send(trial, draft, {"payload": UNSET}), f"A {draft.operation} without payload")


@probe(calls.CANCELED)
async def a_cancel_needs_no_payload(trial: Trial) -> None:
    """A session is canceled with no more than `meta` and `id`."""
    tries = await calls.cancellations(trial)
    taken(tries[0], "A cancel without payload")


@probe(calls.TAKEN)
async def a_payload_is_the_body_of_rest(trial: Trial) -> None:
    """The create that REST took is taken as a payload, with its items and its currency, and so is an update."""
    tries, rest = await calls.openings(trial), await trial.shop.openings()
    seen = tries[min(len(rest), len(tries)) - 1]
    session = taken(seen, "The create that REST took")
    for shown, what in ((_currency, "currency is"), (_items, "items are")):
        found, wanted = shown(seen.body), shown(rest[-1].body)
        right = found in (
            wanted,
            shown(Document(seen.arguments.get("payload"))),
        )  # REST itself may show what was not asked for
        expect.that(right, f"The {what} {found!r}, where REST showed {wanted!r}.", rest[-1], seen)
    await calls.opened(trial)
    draft = trial.over_mcp.updating(trial.over_mcp.sessions[str(session["id"])], buyer=trial.profile.buyer)
    taken(await calls.send(trial, draft), "An update of the buyer")


@probe("mcp.args.validated")
async def a_payload_is_checked(trial: Trial) -> None:
    """A create that worked is refused without its currency."""
    turned_down(await calls.without_currency(trial), "A create without a currency")


async def _keyed(trial: Trial) -> Draft:
    """A create under a key of its own."""

    async def key() -> Draft:
        return (await calls.creating(trial)).keyed(trial.fresh("key"))

    return await trial.memory.once("mcp keyed", key)


async def _twice(trial: Trial) -> tuple[Told, Told]:
    """What a create under a key came to, and what it came to again."""

    async def send() -> tuple[Told, Told]:
        draft = await _keyed(trial)
        return await calls.send(trial, draft), await calls.send(trial, draft)

    return await trial.memory.once("mcp twice", send)


async def _canceling(trial: Trial) -> Draft:
    """A cancel, once one has worked."""
    await calls.over_mcp(trial, Shop.canceled)
    return trial.over_mcp.canceling(await calls.over_mcp(trial, Shop.opened))


async def _then_complete(trial: Trial, drafts: list[Draft]) -> AsyncIterator[Draft]:
    """The drafts, and a completion of another session once one has worked, where something can be paid."""
    for draft in drafts:
        yield draft
    try:
        await calls.over_mcp(trial, Shop.completed)
        ready = await calls.over_mcp(trial, Shop.shared_ready)
        yield await trial.over_mcp.completing(ready)
    except (Missing, Blocked):
        return


def _currency(shown: Document) -> str:
    """The currency of a session, or of the payload that asked for one, in one case (X-2)."""
    return str(shown.get("$.currency")).lower()


def _items(shown: Document) -> list[str]:
    """The ids of the items of a session, or of the payload that asked for one."""
    found = shown.select("$.line_items[*].item.id") or shown.select("$.line_items[*].id")
    return sorted(str(id) for _, id in found)
