"""Checks of the discovery document: where it is, how it may be kept, whether it is true, and what it must not tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

import schemas
from acp import headers
from acp.versions import is_version, oldest_first
from conformance.checking import expect
from conformance.checking.registry import Look, observation, probe
from conformance.checks.versioning import refuses_version
from conformance.dialect import DIALECTS
from conformance.document import Document, Place
from conformance.findings import Blocked, NotApplicable
from conformance.trial.discovery import LOCATION, asked, found
from conformance.trial.draft import Draft
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange
from conformance.wire.tls import is_public

PUBLIC: Final = "discovery.public"
STEADY: Final = "discovery.update-frequency"
WORKS: Final = "discovery.api-base-url.works"
ORDER: Final = "discovery.protocol.supported-versions.order"
HOUR: Final = 3_600
"""Seconds in which the document should not change, and may be kept."""

SERVICES: Final = "$.capabilities.services"
"""Where values are judged one by one, whatever the schema says of them (DI-3)."""

UNKEPT: Final = ("no-store", "no-cache", "private")
OF_PAYMENT: Final = ("handlers", "payment", "psp", "payment_methods")
_SELLER: Final = re.compile(r"(merchant|seller|shop|store|account)_?id", re.IGNORECASE)
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_SECRET: Final = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\beyJ[\w-]{10,}\.[\w-]{5,}\.|\b(sk|whsec)_\w{8,}")


# Where it is


@probe(LOCATION)
async def the_document_is_at_its_place(trial: Trial) -> None:
    """At the origin that the profile names, the document is answered 200, as a JSON object."""
    seen = expect.answered(await asked(trial))
    if seen.status in (401, 403):
        raise Blocked(f"The document is not for everybody: {seen.label}.", seen, by=PUBLIC)
    if seen.status == 429 or seen.status >= 500:
        raise Blocked(f"The document is not to be had now: {seen.label}.", seen)
    expect.json_object(expect.status(seen, 200))


@probe(PUBLIC)
async def the_document_is_for_everybody(trial: Trial) -> None:
    """Without a credential, the document is not refused for its want."""
    seen = expect.answered(await asked(trial))
    expect.that(seen.status not in (401, 403), f"Without a credential, the document is answered {seen.status}.", seen)
    await found(trial)


@probe("discovery.https")
async def the_document_is_served_over_https(trial: Trial) -> None:
    """At a public host, the document is fetched over https."""
    seen = await found(trial)
    if not is_public(seen.sent.url):
        raise NotApplicable(f"{seen.sent.url} is not on the public internet.", seen)
    expect.that(seen.sent.url.startswith("https://"), f"The document is served in the clear, at {seen.sent.url}.", seen)


@probe("discovery.content-type")
async def the_document_is_json(trial: Trial) -> None:
    """The document says that it is application/json."""
    seen = await found(trial)
    kind = (seen.header(headers.CONTENT_TYPE) or "").partition(";")[0].strip().lower()
    expect.that(kind == headers.JSON, f"The Content-Type is {kind!r}, not {headers.JSON}.", seen)


# How it may be kept, and how steady it is


@probe("discovery.cache-control")
async def the_document_may_be_kept_for_an_hour(trial: Trial) -> None:
    """Cache-Control says public and a max-age of an hour or more; that it forbids to keep it is another rule."""
    seen = await found(trial)
    said = _caching(seen)
    if any(name in said for name in UNKEPT):
        raise Blocked("Cache-Control forbids it.", seen, by="discovery.cache-control.no-store")
    age = said.get("max-age", "")
    good = "public" in said and age.isdigit() and int(age) >= HOUR
    expect.that(good, f"Cache-Control is {seen.header('cache-control')!r}, not public, max-age={HOUR}.", seen)


@probe("discovery.cache-control.no-store")
async def the_document_may_be_kept(trial: Trial) -> None:
    """Cache-Control forbids nobody to keep the document."""
    seen = await found(trial)
    forbids = [name for name in UNKEPT if name in _caching(seen)]
    expect.that(not forbids, f"Cache-Control says {' and '.join(forbids)}.", seen)


@probe(STEADY, last=True)
async def the_document_stays_the_same(trial: Trial) -> None:
    """At the end of the run the document is what it was at the beginning, unless the clock was moved by an hour."""
    first = await found(trial)
    if trial.hooks.advanced_seconds >= HOUR:
        first = await trial.shop.send(Draft("discover"))
    second = await trial.shop.send(Draft("discover"))
    expect.that(first.document == second.document, "The document has changed in the meantime.", first, second)


@probe("discovery.deterministic")
async def the_document_is_the_same_for_everybody(trial: Trial) -> None:
    """Two readers with other names and languages are shown one document."""
    await found(trial)
    readers = [{"User-Agent": f"reader-{language}", "Accept-Language": language} for language in ("fr-FR", "de-DE")]
    await _same(trial, *(Draft("discover").headed(reader) for reader in readers))


@probe("discovery.no-merchant-input", needs=["merchant.merchant_id"])
async def the_document_asks_for_no_merchant(trial: Trial) -> None:
    """A merchant id in the query makes no difference."""
    url = (await found(trial)).sent.url
    named = Draft("discover").to(f"{url}?merchant_id={quote(trial.profile.merchant.merchant_id or '')}")
    await _same(trial, Draft("discover"), named)


@observation("discovery.status.retry-after", of="reply")
def whoever_is_turned_away_is_told_how_long(sight: Sight) -> Iterator[Look]:
    """A 429 has Retry-After."""
    if sight.exchange.operation == "discover" and sight.exchange.status == 429:
        waits = sight.exchange.header(headers.RETRY_AFTER)
        yield Look("$", "" if waits else f"A 429 has no {headers.RETRY_AFTER}.")


def _caching(seen: Exchange) -> Mapping[str, str]:
    """The directives of Cache-Control, in lower case, with their values."""
    said = (each.strip().lower().partition("=") for each in (seen.header("cache-control") or "").split(","))
    return {name.strip(): value.strip(' "') for name, _, value in said if name}


async def _same(trial: Trial, one: Draft, other: Draft) -> None:
    """Two requests are shown one document; one that differs each time whoever asks breaks another rule."""
    first, second = await trial.shop.send(one), await trial.shop.send(other)
    if first.document == second.document:
        return
    third = await trial.shop.send(one)
    if third.document != first.document:
        raise Blocked("The document changes from one read to the next.", first, third, by=STEADY)
    expect.that(False, f"Another reader is shown another document: {second.label}.", first, second)


# Whether it is true


@observation("discovery.valid", of="discovery", general=True)
def the_document_satisfies_its_schema(sight: Sight) -> Iterator[Look]:
    """The document is a DiscoveryResponse, in what no rule of its own is about."""
    problems = schemas.validator("checkout", "DiscoveryResponse", version=sight.version).problems(sight.document.value)
    known = (*sight.explained, SERVICES)
    wrong = [each for each in problems if not any(_touches(each.path, place) for place in known)]
    yield from (Look(each.path, each.message) for each in wrong)
    if not wrong:
        yield Look("$")


def _touches(one: str, other: str) -> bool:
    """Whether of two places one is the other, or stands in it; the whole document is no place here."""
    short, long = sorted((one, other), key=len)
    return short == long or (short != "$" and long.startswith((f"{short}.", f"{short}[")))


@observation("discovery.protocol.version-latest", of="discovery")
def the_version_is_the_newest(sight: Sight) -> Iterator[Look]:
    """protocol.version is the newest of supported_versions, where both are dates."""
    version, listed = sight.get("$.protocol.version"), _versions(sight.document)
    if listed and is_version(str(version)):
        newest = max(listed)
        yield Look("$.protocol.version", "" if version == newest else f"{version} is not the newest, {newest}.")


@observation(ORDER, of="discovery")
def versions_begin_with_the_oldest(sight: Sight) -> Iterator[Look]:
    """supported_versions are listed oldest first, where they are dates."""
    listed = _versions(sight.document)
    if listed:
        good = listed == oldest_first(listed)
        yield Look("$.protocol.supported_versions", "" if good else f"{listed} does not begin with the oldest.")


@probe("discovery.protocol.supported-versions.includes-target")
async def the_version_under_test_is_listed(trial: Trial) -> None:
    """The version in which sessions are opened is listed."""
    seen, session = await found(trial), await trial.shop.shared()
    listed = _versions(seen.body)
    if not listed:
        raise Blocked("No versions are listed.", seen, by="discovery.valid")
    expect.that(trial.version in listed, f"{trial.version} is spoken, and {listed} are listed.", session.created, seen)


@probe("discovery.protocol.supported-versions.truthful")
async def every_listed_version_is_spoken(trial: Trial) -> None:
    """A create of every listed version is not refused for its version."""
    seen = await found(trial)
    item = trial.shop.item("in_stock")
    for version in [each for each in _versions(seen.body) if each != trial.version]:
        dialect = DIALECTS.get(version, trial.shop.dialect)
        draft = Draft("create", body=dialect.create_body([item], trial.profile.currency))
        caller = trial.caller(trial.profile.merchant, version)
        opened = await caller.send(draft)
        if opened.succeeded and isinstance(opened.body.get("$.id"), str):
            await caller.send(Draft("cancel", opened.body.get("$.id")))
        expect.that(not refuses_version(opened), f"{version} is listed, and refused: {opened.label}.", seen, opened)


@probe(WORKS)
async def sessions_are_opened_at_the_base_url(trial: Trial) -> None:
    """Where checkout and rest are listed, a create at the base URL is answered as at that of the profile."""
    seen = await found(trial)
    if "checkout" not in _services(seen) or "rest" not in (seen.body.get("$.transports") or ()):
        raise NotApplicable("Checkout over rest is not listed.", seen)
    usual, opened = (await trial.shop.shared()).created, await _opened_at_base(trial)
    told = f"A create at the base URL was answered {opened.status}, not {usual.status}: {opened.sent.url}"
    expect.that(expect.answered(opened).status == usual.status, told, seen, opened)


@probe("discovery.capabilities.services-truthful")
async def listed_services_are_there(trial: Trial) -> None:
    """Checkout and carts, where they are listed, are not answered 404 or 405 at the base URL."""
    seen = await found(trial)
    if "checkout" in _services(seen) and (await _opened_at_base(trial)).status in (404, 405):
        raise Blocked("The base URL leads nowhere.", await _opened_at_base(trial), by=WORKS)
    if "carts" in _services(seen):
        draft = Draft("create", body={"line_items": [trial.shop.item("in_stock")]}).to(f"{_base(seen)}/carts")
        opened = await trial.shop.send(draft)
        expect.that(opened.status not in (404, 405), f"Carts are listed, and answered {opened.status}.", seen, opened)


@probe("discovery.capabilities.extensions")
async def extensions_of_sessions_are_listed(trial: Trial) -> None:
    """Where sessions have extensions, the document lists some."""
    seen, session = await found(trial), await trial.shop.shared()
    if not session.body.get("$.capabilities.extensions"):
        raise NotApplicable("The sessions have no extensions.", session.created)
    listed = bool(seen.body.get("$.capabilities.extensions"))
    expect.that(listed, "Sessions have extensions, and the document lists none.", session.created, seen)


@probe("discovery.capabilities.intervention-types")
async def interventions_of_sessions_are_listed(trial: Trial) -> None:
    """Where sessions have interventions, the document lists some."""
    seen, session = await found(trial), await trial.shop.shared()
    if not session.body.get("$.capabilities.interventions.supported"):
        raise NotApplicable("The sessions have no interventions.", session.created)
    listed = bool(seen.body.get("$.capabilities.intervention_types"))
    expect.that(listed, "Sessions have interventions, and the document lists none.", session.created, seen)


def _versions(document: Document) -> list[str]:
    """The listed versions, where all of them are dates."""
    listed = document.get("$.protocol.supported_versions")
    good = isinstance(listed, list) and all(isinstance(each, str) and is_version(each) for each in listed)
    return list(listed) if good else []


def _services(seen: Exchange) -> list[Any]:
    listed = seen.body.get(SERVICES)
    return listed if isinstance(listed, list) else []


def _base(seen: Exchange) -> str:
    """The base URL that the document tells. Raises Blocked where it tells none."""
    base = seen.body.get("$.api_base_url")
    if not isinstance(base, str) or urlsplit(base).scheme not in ("http", "https"):
        raise Blocked("There is no base URL.", seen, by="discovery.api-base-url.uri")
    return base.removesuffix("/")


async def _opened_at_base(trial: Trial) -> Exchange:
    """The answer to the control request of create at the base URL."""

    async def open() -> Exchange:
        url = f"{_base(await found(trial))}/checkout_sessions"
        return await trial.shop.send((await trial.shop.creating()).to(url))

    return await trial.memory.once("opened at the base URL", open)


# What it must not tell


@probe("discovery.no-merchant-ids")
async def the_document_tells_no_merchant(trial: Trial) -> None:
    """No member is named like an id of a seller, and none has that of the profile in it, hosts apart."""
    seen = await found(trial)
    known = {each for role in ("merchant", "psp") if (each := trial.profile.get(f"{role}.merchant_id"))}
    for at, value in _members(seen.body):
        name = at.rpartition(".")[2]
        text = value.replace(urlsplit(value).netloc, "") if isinstance(value, str) else ""
        told = _SELLER.fullmatch(name) or any(id in text for id in known)
        expect.that(not told, f"The document tells an id of the seller at {at}.", seen, at=at)


@probe("discovery.no-psp-data")
async def the_document_tells_nothing_of_payment(trial: Trial) -> None:
    """No member is named like payment, and none has the id of a handler of the session."""
    seen = await found(trial)
    session = await trial.shop.shared()
    handlers = [id for _, id in session.body.select("$.capabilities.payment.handlers[*].id")]
    for at, value in _members(seen.body):
        told = at.rpartition(".")[2] in OF_PAYMENT or (isinstance(value, str) and value in handlers)
        expect.that(not told, f"The document tells of payment at {at}.", seen, at=at)


@probe("discovery.no-buyer-data")
async def the_document_tells_no_buyer(trial: Trial) -> None:
    """No text has an e-mail address in it."""
    await _tells_nothing_like(trial, _EMAIL, [str(trial.profile.buyer.get("email"))], "an e-mail address")


@probe("discovery.no-secrets")
async def the_document_tells_no_secret(trial: Trial) -> None:
    """No text has a credential of the profile in it, a private key, a token or what is named like a secret key."""
    known = [value for name, value in trial.profile.secrets() if name.endswith(("KEY", "WEBHOOK_SECRET"))]
    await _tells_nothing_like(trial, _SECRET, known, "a secret")


async def _tells_nothing_like(trial: Trial, form: re.Pattern[str], known: list[str], what: str) -> None:
    seen = await found(trial)
    for at, value in _members(seen.body):
        told = isinstance(value, str) and (form.search(value) or any(each in value for each in known))
        expect.that(not told, f"The document tells {what} at {at}.", seen, at=at)


def _members(document: Document) -> list[Place]:
    """Every member of the document, and every entry of its arrays."""
    return [place for pattern in ("$..*", "$..*[*]") for place in document.select(pattern)]
