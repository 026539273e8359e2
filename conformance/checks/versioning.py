"""Checks of API-Version: that it is asked for and looked at, what its refusal says, and which version is spoken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from acp import headers
from acp.versions import is_version, newest_first
from conformance.checking import expect
from conformance.checking.registry import Look, observation, probe
from conformance.findings import Blocked
from conformance.trial import refusals, repetition
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

NEEDED: Final = "checkout.versioning.header-required"
KNOWN: Final = "checkout.versioning.unsupported.rejected"
FORMAT: Final = "checkout.versioning.supported-versions.format"
MOST_TRIED: Final = 8
"""Listed versions that are tried."""


# A version that is missing


@probe(NEEDED)
async def a_create_needs_a_version(trial: Trial) -> None:
    """A create without API-Version is refused with a 4xx."""
    expect.refusal(await refusals.refused(trial, "unversioned"), "A create without API-Version")


@probe("checkout.versioning.retrieve.required")
async def a_read_needs_a_version(trial: Trial) -> None:
    """A read without API-Version is refused with a 4xx."""
    draft = trial.shop.retrieving(await trial.shop.shared()).headed({headers.API_VERSION: None})
    expect.refusal(await trial.shop.send(draft), "A read without API-Version")


@probe("checkout.versioning.missing.status-400")
async def a_missing_version_is_400(trial: Trial) -> None:
    """That refusal of a create is a 400."""
    expect.status(await _unversioned(trial), 400, to="A create without API-Version")


@probe("checkout.versioning.missing.supported-versions")
async def a_missing_version_is_answered_with_those_there_are(trial: Trial) -> None:
    """That refusal lists versions."""
    _listed(await _unversioned(trial))


# A version that there is not


@probe(KNOWN)
async def an_unknown_version_is_refused(trial: Trial) -> None:
    """A create in a version that there is not, or that is none, is refused with a 4xx."""
    await _unversioned(trial)
    for how in ("unsupported", "malformed"):
        seen = await refusals.refused(trial, how)
        expect.refusal(seen, f"A create with API-Version {seen.sent.header(headers.API_VERSION)}")


@probe("checkout.versioning.unsupported.status-400")
async def an_unknown_version_is_400(trial: Trial) -> None:
    """That refusal is a 400."""
    expect.status(await _unsupported(trial), 400, to="A create in a version that there is not")


@probe("checkout.versioning.unsupported.supported-versions")
async def an_unknown_version_is_answered_with_those_there_are(trial: Trial) -> None:
    """That refusal lists the version under test."""
    seen = await _unsupported(trial)
    listed = _listed(seen)
    if not all(is_version(str(each)) for each in listed):
        raise Blocked("What is listed are no versions.", seen, by=FORMAT)
    expect.that(trial.version in listed, f"{listed} lacks {trial.version}.", seen, at="$.supported_versions")


@probe("checkout.versioning.no-effect")
async def a_cancel_that_was_refused_for_its_version_cancels_nothing(trial: Trial) -> None:
    """The session is not canceled after a cancellation in a version that there is not."""
    await _unsupported(trial)
    session = await trial.shop.opened()
    unknown = {headers.API_VERSION: (await _unsupported(trial)).sent.header(headers.API_VERSION)}
    seen = refusals.given(await trial.shop.send(trial.shop.canceling(session).headed(unknown)), KNOWN)
    after = repetition.shown(await trial.shop.send(trial.shop.retrieving(session)))
    expect.that(after.body.get("$.status") != "canceled", "The cancel was refused for its version, and done.", seen)


# What an error lists


@observation(FORMAT, of="error")
def listed_versions_are_dates(sight: Sight) -> Iterator[Look]:
    """Every entry of supported_versions is a date."""
    for at, value in sight.select("$.supported_versions[*]"):
        good = isinstance(value, str) and is_version(value)
        yield Look(at, "" if good else f"{value!r:.60} is no version of the form YYYY-MM-DD.")


@observation("checkout.versioning.supported-versions.order", of="error")
def listed_versions_begin_with_the_newest(sight: Sight) -> Iterator[Look]:
    """supported_versions, where they are dates, are listed newest first."""
    listed = sight.get("$.supported_versions")
    if isinstance(listed, list) and all(isinstance(each, str) and is_version(each) for each in listed):
        good = listed == newest_first(listed)
        yield Look("$.supported_versions", "" if good else f"{listed} does not begin with the newest.")


@probe("checkout.versioning.supported-versions.only-version-errors")
async def other_errors_list_no_versions(trial: Trial) -> None:
    """Neither a missing key nor missing items are answered with a list of versions."""
    for how in ("keyless", "itemless"):
        seen = await refusals.refused(trial, how)
        listed = seen.refused and seen.body.get("$.supported_versions") is not None
        expect.that(
            not listed, f"The error {seen.body.get('$.code')!r} lists versions.", seen, at="$.supported_versions"
        )


@probe("checkout.versioning.supported-version-works")
async def every_listed_version_is_spoken(trial: Trial) -> None:
    """A session can be read in every version that the refusal of an unknown one lists."""
    seen = await _unsupported(trial)
    listed = seen.body.get("$.supported_versions")
    if not isinstance(listed, list) or not listed:
        raise Blocked("No versions are listed.", seen, by="checkout.versioning.unsupported.supported-versions")
    others = [each for each in listed if is_version(str(each)) and each != trial.version]
    draft = trial.shop.retrieving(await trial.shop.shared())
    for version in others[:MOST_TRIED]:
        read = await trial.shop.send(draft.headed({headers.API_VERSION: version}))
        expect.that(not refuses_version(read), f"{version} is listed, and refused: {read.label}.", seen, read)


@observation("checkout.versioning.protocol-matches", of="session")
def the_protocol_is_of_the_version_asked_for(sight: Sight) -> Iterator[Look]:
    """protocol.version, where a session has one of the right form, is the API-Version of the request."""
    asked, told = sight.exchange.sent.header(headers.API_VERSION), sight.get("$.protocol.version")
    if asked == sight.version and isinstance(told, str) and is_version(told):
        yield Look(
            "$.protocol.version", "" if told == asked else f"protocol.version is {told!r}, asked for was {asked}."
        )


def refuses_version(seen: Exchange) -> bool:
    """Whether an answer is a refusal for the version of its request."""
    versioned = "supported_versions" in seen.body.value or "api_version" in str(seen.body.get("$.code", ""))
    return seen.refused and versioned


async def _unversioned(trial: Trial) -> Exchange:
    return refusals.given(await refusals.refused(trial, "unversioned"), NEEDED)


async def _unsupported(trial: Trial) -> Exchange:
    return refusals.given(await refusals.refused(trial, "unsupported"), KNOWN)


def _listed(seen: Exchange) -> list[Any]:
    """The versions that a refusal lists."""
    listed = seen.body.get("$.supported_versions")
    good = isinstance(listed, list) and bool(listed)
    expect.that(good, f"The error {seen.body.get('$.code')!r} lists no versions.", seen, at="$")
    return list(listed) if isinstance(listed, list) else []
