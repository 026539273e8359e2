"""Checks of who may call: credentials that are missing or wrong, what is answered to them, and TLS."""

from __future__ import annotations

from dataclasses import dataclass
from ssl import TLSVersion
from typing import Final

import schemas
from acp import headers
from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.findings import NotApplicable
from conformance.trial import refusals, repetition
from conformance.trial.session import Session
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange
from conformance.wire.tls import is_public, speaks

CREATE: Final = "checkout.auth.bearer-required.create"
UNKNOWN: Final = "checkout.auth.bearer-invalid"
MUTATIONS: Final = "checkout.auth.bearer-required.mutations"
ANONYMOUS: Final = {headers.AUTHORIZATION: None}


@dataclass(frozen=True, eq=False)
class Mutations:
    """Changes of a session that were asked for without a credential, and the session before and after them."""

    session: Session
    before: Exchange
    asked: list[Exchange]
    after: Exchange


# Credentials


@probe(CREATE)
async def a_create_needs_a_credential(trial: Trial) -> None:
    """A create without Authorization does not succeed."""
    _is_kept_out(await refusals.refused(trial, "anonymous"), "A create without Authorization")


@probe("checkout.auth.bearer-required.retrieve")
async def a_read_needs_a_credential(trial: Trial) -> None:
    """A read without Authorization does not succeed."""
    draft = trial.shop.retrieving(await trial.shop.shared()).headed(ANONYMOUS)
    _is_kept_out(await trial.shop.send(draft), "A read without Authorization")


@probe(MUTATIONS)
async def a_change_needs_a_credential(trial: Trial) -> None:
    """Update, completion and cancellation without Authorization do not succeed, and change nothing."""
    done = await _mutations(trial)
    for seen in done.asked:
        _is_kept_out(seen, f"A call of {seen.operation} without Authorization")
    before, after = (each.body.get("$.status") for each in (done.before, repetition.shown(done.after)))
    told = f"A session that was {before} is {after} after calls that were refused for their missing credential."
    expect.that(before == after, told, *done.asked, done.after)


@probe(UNKNOWN)
async def an_unknown_credential_is_refused(trial: Trial) -> None:
    """A create with a token that nobody has does not succeed."""
    refusals.given(await refusals.refused(trial, "anonymous"), CREATE)
    _is_kept_out(await refusals.refused(trial, "unknown"), "A create with a token that nobody has")


@probe("checkout.auth.scheme", needs=["merchant.key"])
async def another_scheme_is_refused(trial: Trial) -> None:
    """A create that presents the good token under another scheme does not succeed."""
    refusals.given(await refusals.refused(trial, "unknown"), UNKNOWN)
    draft = (await trial.shop.creating()).headed({headers.AUTHORIZATION: f"Basic {trial.profile.merchant.key}"})
    _is_kept_out(await trial.shop.send(draft), "A create with its token under the scheme Basic")


@probe("checkout.auth.status-401")
async def a_missing_credential_is_401(trial: Trial) -> None:
    """A create without Authorization is answered 401."""
    seen = refusals.given(await refusals.refused(trial, "anonymous"), CREATE)
    expect.status(seen, 401, to="A create without Authorization")


@probe("checkout.auth.error-body")
async def a_missing_credential_is_answered_with_an_error(trial: Trial) -> None:
    """What is refused for its missing credential, be it create, update or completion, carries the flat error."""
    refused = [refusals.given(await refusals.refused(trial, "anonymous"), CREATE)]
    refused += [refusals.given(each, MUTATIONS) for each in (await _mutations(trial)).asked]
    rule = schemas.validator("checkout", "Error", version=trial.version)
    for seen in refused:
        if seen.operation != "cancel":
            problem = next(iter(rule.problems(expect.json_object(seen))), None)
            expect.that(problem is None, problem.message if problem else "", seen, at=problem.path if problem else "")


async def _mutations(trial: Trial) -> Mutations:
    async def mutate() -> Mutations:
        session = await trial.shop.ready()
        before = session.seen
        drafts = [trial.shop.updating(session, buyer=trial.profile.buyer), trial.shop.canceling(session)]
        if trial.profile.get("payment"):
            drafts.insert(1, await trial.shop.completing(session))
        asked = [await trial.shop.send(draft.headed(ANONYMOUS)) for draft in drafts]
        return Mutations(session, before, asked, await trial.shop.send(trial.shop.retrieving(session)))

    return await trial.memory.once("mutations without credential", mutate)


def _is_kept_out(seen: Exchange, what: str) -> None:
    """Not answered with success; what is neither that nor a refusal says nothing."""
    expect.that(not expect.answered(seen).succeeded, f"{what} was answered {seen.status}.", seen)
    refusals.given(seen, None)


# The wire


@probe("checkout.auth.https-only")
async def nothing_is_served_in_the_clear(trial: Trial) -> None:
    """A session is not to be had over plain http.

    Who answers there without asking for a credential is not told one: only what asks for it can have sessions to show.
    """
    url = _public(trial)
    if url.startswith("http://"):
        session = await trial.shop.shared()
        expect.that(False, f"A session was opened in the clear, at {url}.", session.created)
    draft = trial.shop.retrieving(await trial.shop.shared())
    plain = trial.profile.merchant.at("retrieve", draft.session).replace("https://", "http://", 1)
    for asked in (draft.headed(ANONYMOUS), draft):
        seen = await trial.shop.send(asked.to(plain))
        expect.that(not seen.succeeded, f"A session is shown in the clear, at {plain}.", seen)
        if seen.status != 401:
            return


@probe("checkout.auth.tls13")
async def tls_1_3_is_spoken(trial: Trial) -> None:
    """A handshake of TLS 1.3 alone succeeds."""
    expect.that(await speaks(_secure(trial), TLSVersion.TLSv1_3), "The shop takes no handshake of TLS 1.3.")


@probe("checkout.auth.tls12-refused")
async def tls_1_2_is_not_spoken(trial: Trial) -> None:
    """A handshake of TLS 1.2 alone fails."""
    expect.that(not await speaks(_secure(trial), TLSVersion.TLSv1_2), "The shop takes a handshake of TLS 1.2.")


@probe("checkout.auth.tls12-legacy")
async def tls_1_2_or_better_is_spoken(trial: Trial) -> None:
    """A handshake of TLS 1.2 or 1.3 alone succeeds."""
    url = _secure(trial)
    spoken = await speaks(url, TLSVersion.TLSv1_3) or await speaks(url, TLSVersion.TLSv1_2)
    expect.that(spoken, "The shop takes a handshake neither of TLS 1.2 nor of TLS 1.3.")


def _public(trial: Trial) -> str:
    """The base URL of the shop. Raises NotApplicable where it is not of the public internet."""
    url = trial.profile.merchant.url
    if not is_public(url):
        raise NotApplicable(f"{url} is not on the public internet.")
    return url


def _secure(trial: Trial) -> str:
    """The base URL of the shop, where it is https. Raises NotApplicable where it is not, or not public (A59)."""
    url = _public(trial)
    if not url.startswith("https://"):
        raise NotApplicable(f"{url} is not served over TLS.")
    return url
