"""The buyer and the addresses of a session: how they are shown, and which of them are not taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.checking import expect
from conformance.checking.given import given_wrong
from conformance.checking.registry import Look, observation, probe
from conformance.checking.shapes import Shape
from conformance.findings import Blocked, Missing
from conformance.profile.profile import BUYER
from conformance.trial.draft import Draft
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

NAMED: Final = "checkout.session.create.optional-buyer-accepted"
ADDRESSED: Final = "checkout.session.create.fulfillment-details-accepted"

_EMAIL: Final = {"email": {"type": "string", "format": "email"}}
BUYERS: Final = (
    Shape({"at": "$.buyer", "must": {"required": ["email"], "properties": _EMAIL}}),
    Shape({"at": "$.buyer", "must": {"required": ["first_name", "last_name"]}, "until": "2026-01-16"}),
)
ADDRESSES: Final = Shape(
    {
        "at": ["$..address", "$.fulfillment_address"],
        "must": {"required": ["name", "line_one", "city", "state", "country", "postal_code"]},
    }
)


@observation("checkout.session.buyer.email-required", of="session")
def a_buyer_has_an_email_address(sight: Sight) -> Iterator[Look]:
    """A buyer is shown with an e-mail address, unless the agent gave a bad one and the session says so (A70)."""
    if given_wrong(sight, "buyer") and expect.tells_of_an_error(sight.document.value):
        return
    for shape in BUYERS:
        yield from shape(sight)


@observation("checkout.session.address.required-members", of="session")
def an_address_is_whole(sight: Sight) -> Iterator[Look]:
    """An address is shown with its six members, unless the agent gave one without (A70)."""
    if not given_wrong(sight, "fulfillment_details") and not given_wrong(sight, "fulfillment_address"):
        yield from ADDRESSES(sight)


@probe("checkout.session.create.optional-buyer-accepted")
async def a_create_may_name_the_buyer(trial: Trial) -> None:
    """The control request of create with a buyer succeeds."""
    expect.success((await _with_buyer(trial))[1], "A create with a buyer")


@probe("checkout.session.create.fulfillment-details-accepted")
async def a_create_may_carry_an_address(trial: Trial) -> None:
    """The control request of create with an address and whom to contact there succeeds."""
    expect.success((await _with_address(trial))[1], "A create with an address")


@probe("checkout.session.buyer.missing-email-rejected")
async def a_buyer_without_email_is_objected_to(trial: Trial) -> None:
    """A buyer without an e-mail address is refused, or the session says what is missing."""
    draft = _taken(await _with_buyer(trial), NAMED).without("buyer.email")
    expect.objected(await trial.shop.send(draft), "A buyer without an e-mail address")


@probe("checkout.session.buyer.invalid-email-conversational")
async def a_bad_email_is_objected_to(trial: Trial) -> None:
    """An e-mail address that is none is refused, or the session says so."""
    draft = _taken(await _with_buyer(trial), NAMED)
    seen = await trial.shop.send(draft.changed({"buyer.email": "not-an-email"}))
    expect.objected(seen, "A buyer whose e-mail address is none")


@probe("checkout.session.address.missing-member-not-silent")
async def an_address_without_city_is_objected_to(trial: Trial) -> None:
    """An address without a city is refused, or leads to a session that says so or cannot be paid."""
    draft = _taken(await _with_address(trial), ADDRESSED).without(f"{_place(trial)}.city")
    seen = await trial.shop.send(draft)
    if not expect.tells_of_an_error(seen.document):
        expect.not_payable(seen, "An address without a city")


@probe("checkout.session.address.company-optional")
async def an_address_may_name_a_company(trial: Trial) -> None:
    """An address with a company is taken."""
    draft = _taken(await _with_address(trial), ADDRESSED).changed({f"{_place(trial)}.company": "Example Ltd"})
    expect.success(await trial.shop.send(draft), "An address with a company")


Tried = tuple[Draft, Exchange]


async def _with_buyer(trial: Trial) -> Tried:
    """A create with a buyer, and its answer."""
    draft = (await trial.shop.creating()).changed({"buyer": {**BUYER, **trial.profile.buyer}})
    return await _tried(trial, "with buyer", draft)


async def _with_address(trial: Trial) -> Tried:
    """A create with an address and whom to contact there, and its answer."""
    place = trial.profile.address()
    if place is None:
        raise Missing("addresses.main", "there is no address to send.")
    contact = {"name": place["name"], "phone_number": "+15035550100", "email": trial.profile.buyer["email"]}
    members = trial.shop.dialect.address_members(place, contact)
    return await _tried(trial, "with address", (await trial.shop.creating()).changed(members))


async def _tried(trial: Trial, name: str, draft: Draft) -> Tried:
    async def send() -> Tried:
        return draft, await trial.shop.send(draft)

    return await trial.memory.once(name, send)


def _taken(tried: Tried, by: str) -> Draft:
    """The request, once it has succeeded. Raises Blocked where it did not."""
    draft, seen = tried
    if not seen.succeeded:
        raise Blocked(f"The request that this one differs from was not taken: {seen.label}.", seen, by=by)
    return draft


def _place(trial: Trial) -> str:
    """Where a request carries the address itself."""
    dialect = trial.shop.dialect
    return f"{dialect.address}.address" if dialect.details else dialect.address
