"""Checks of the delegation of a card: where it is asked for, by whom, in which version and under which headers."""

from __future__ import annotations

import ssl
from base64 import urlsafe_b64encode
from typing import Final

from acp import headers
from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.findings import Blocked, Missing, NotApplicable
from conformance.trial.trial import Trial
from conformance.trial.vault import THERE, is_token
from conformance.wire.exchange import Exchange
from conformance.wire.tls import is_local, speaks

KEYED: Final = "delegate-payment.header.authorization.required"
VERSIONED: Final = "delegate-payment.header.api-version.validated"

NO_VERSION: Final = "1999-01-01"
"""A date on which no version of the protocol was published."""


@probe("delegate-payment.endpoint")
async def there_is_such_an_operation(trial: Trial) -> None:
    """The path of the protocol is not answered as one that leads nowhere."""
    first = expect.answered(await trial.vault.first())
    expect.that(first.status not in (404, 405), f"POST {first.sent.url} was answered {first.status}.", first)


@probe("delegate-payment.success.status")
async def a_new_token_is_answered_with_201(trial: Trial) -> None:
    """The control request of delegation is answered 201."""
    first = await trial.vault.first()
    if first.status in (404, 405):
        raise Blocked(f"There is no such operation: {first.label}.", first, by=THERE)
    expect.status(first, 201, to="A delegation")


@probe("delegate-payment.success.id-unique")
async def two_delegations_give_two_tokens(trial: Trial) -> None:
    """Two sessions under two keys get tokens with two ids."""
    draft = await trial.vault.ready()
    first, second = await trial.vault.first(), await trial.vault.issued(draft)
    expect.that(first.document["id"] != second, "Two delegations for two sessions were given the same token.")


@probe(KEYED)
async def nobody_without_a_key_gets_a_token(trial: Trial) -> None:
    """Without Authorization the control request is answered 401."""
    expect.status(await _without_a_key(trial), 401, to="A delegation without a bearer key")


@probe("delegate-payment.header.authorization.invalid")
async def nobody_with_an_unknown_key_gets_a_token(trial: Trial) -> None:
    """With a key that nobody issued the control request is answered 401."""
    if is_token(await _without_a_key(trial)):
        raise Blocked("Not even a key is needed.", await _without_a_key(trial), by=KEYED)
    draft = (await trial.vault.ready()).headed({headers.AUTHORIZATION: f"Bearer {trial.fresh('nobody')}"})
    expect.status(await trial.vault.send(draft), 401, to="A delegation with an unknown bearer key")


@probe("delegate-payment.header.content-type.server")
async def text_is_not_read_as_json(trial: Trial) -> None:
    """Labelled text/plain the control request brings no token."""
    draft = (await trial.vault.ready()).headed({headers.CONTENT_TYPE: "text/plain"})
    expect.no_token(await trial.vault.send(draft), "A body labelled text/plain")


@probe(VERSIONED)
async def an_unknown_version_is_refused(trial: Trial) -> None:
    """In a version that there never was the control request is answered with a 4xx."""
    expect.refusal(await _of_no_version(trial), to=f"A delegation in version {NO_VERSION}")


@probe("delegate-payment.header.api-version.supported-versions")
async def a_refused_version_is_told_the_others(trial: Trial) -> None:
    """The refusal of a version lists at least one."""
    refused = await _of_no_version(trial)
    if not refused.refused:
        raise Blocked("An unknown version was not refused.", refused, by=VERSIONED)
    listed = refused.body.get("$.supported_versions")
    expect.that(isinstance(listed, list) and bool(listed), "The refusal of a version lists none.", refused, at="$")


@probe("delegate-payment.header.api-version.missing")
async def a_missing_version_is_a_bad_request(trial: Trial) -> None:
    """Without API-Version the control request is answered 400."""
    draft = (await trial.vault.ready()).headed({headers.API_VERSION: None})
    expect.status(await trial.vault.send(draft), 400, to="A delegation without API-Version")


@probe("delegate-payment.header.optional-absent")
async def what_is_optional_may_be_left_out(trial: Trial) -> None:
    """Without Accept-Language, User-Agent and Request-Id the control request is taken."""
    left_out = dict.fromkeys(("Accept-Language", "User-Agent", headers.REQUEST_ID))
    draft = (await trial.vault.ready()).headed(left_out)
    expect.success(await trial.vault.send(draft), to="A delegation without the optional headers")


@probe("delegate-payment.request.malformed-json")
async def what_is_no_json_is_refused(trial: Trial) -> None:
    """A body that breaks off is answered with an error; that it is a flat one is judged of all errors."""
    refused = expect.answered(await trial.vault.send((await trial.vault.ready()).said(b"{")))
    expect.that(not refused.succeeded, f"Broken JSON was answered {refused.status}.", refused)
    if not refused.refused:
        expect.json_object(refused)


@probe("delegate-payment.security.tls")
async def cards_travel_over_tls_13(trial: Trial) -> None:
    """A PSP that is not on this machine agrees on TLS 1.3, and issues no token without any TLS."""
    if "psp" not in trial.profile.roles:
        raise NotApplicable("No PSP is under test.")
    url = trial.profile.psp.url
    if is_local(url):
        raise NotApplicable(f"The PSP at {url} is on this machine.")
    if url.startswith("http://"):
        expect.no_token(await trial.vault.first(), "A card in plain text")
        raise Missing("psp.url", "at least none with https, so that no TLS can be seen.")
    if trial.profile.get("connection.proxy"):
        raise NotApplicable("A proxy stands between, whose TLS is not the PSP's.")
    expect.that(await speaks(url, ssl.TLSVersion.TLSv1_3), f"The PSP at {url} does not agree on TLS 1.3.")


@probe("delegate-payment.signing.verify")
async def a_wrong_signature_is_refused(trial: Trial) -> None:
    """With a signature that nobody made, and the time of now, the control request brings no token."""
    _check_verified(trial)
    made_up = urlsafe_b64encode(trial.random.randbytes(64)).rstrip(b"=").decode()
    named = {headers.SIGNATURE: made_up, headers.TIMESTAMP: trial.vault.until()}
    expect.no_token(await trial.vault.send((await trial.vault.ready()).headed(named)), "A signature that nobody made")


@probe("delegate-payment.signing.freshness")
async def a_request_of_yesterday_is_refused(trial: Trial) -> None:
    """With a Timestamp one day old the control request brings no token."""
    _check_verified(trial)
    draft = (await trial.vault.ready()).headed({headers.TIMESTAMP: trial.vault.until(days=-1)})
    expect.no_token(await trial.vault.send(draft), "A Timestamp of yesterday")


def _check_verified(trial: Trial) -> None:
    if not trial.profile.psp.verifies_signatures:
        raise NotApplicable("The profile does not say that signatures are verified (psp.verifies_signatures).")


async def _without_a_key(trial: Trial) -> Exchange:
    """The answer to the control request without a bearer key."""

    async def send() -> Exchange:
        return await trial.vault.send((await trial.vault.ready()).headed({headers.AUTHORIZATION: None}))

    return await trial.memory.once("delegation without a key", send)


async def _of_no_version(trial: Trial) -> Exchange:
    """The answer to the control request in a version that there never was."""

    async def send() -> Exchange:
        return await trial.vault.send((await trial.vault.ready()).headed({headers.API_VERSION: NO_VERSION}))

    return await trial.memory.once("delegation in no version", send)
