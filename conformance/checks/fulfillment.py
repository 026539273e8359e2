"""Checks of fulfillment: where goods go, the options to get them there, and what is chosen of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from conformance.arithmetic import amounts, price
from conformance.checking import expect
from conformance.checking.choices import TYPES, chosen, offered, offered_by_id
from conformance.checking.closed import undeclared
from conformance.checking.given import given_wrong
from conformance.checking.registry import Look, observation, probe
from conformance.checking.shapes import Shape
from conformance.dialect import FINAL
from conformance.document import Document
from conformance.findings import Blocked, NotApplicable
from conformance.trial.delivery import moved, place, rechosen, repriced, updatable
from conformance.trial.session import is_session
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial

OPTIONS: Final[Mapping[str, str]] = {
    "shipping": "FulfillmentOptionShipping",
    "digital": "FulfillmentOptionDigital",
    "pickup": "FulfillmentOptionPickup",
    "local_delivery": "FulfillmentOptionLocalDelivery",
}
"""The definition of each type of option; the last two are there from 2026-01-30."""

KINDS: Final = ("digital", "pickup", "local_delivery")
"""Items of the profile that are delivered in a way of their own, named as its type is."""

LEGACY: Final = "$.fulfillment_option_id"
"""Where the choice stood before 2025-12-12; that it still does is for a rule of its own."""

EMAIL: Final = Shape({"at": "$.fulfillment_details.email", "must": {"type": "string", "format": "email"}})


# Where to and whom to contact


@observation("checkout.fulfillment.details.closed", of="session")
def details_have_no_further_members(sight: Sight) -> Iterator[Look]:
    """Fulfillment details have their four members; that `phone` is none of them is a warning of its own (A39)."""
    yield from undeclared(sight, "$.fulfillment_details", "FulfillmentDetails", beside=("phone",))


@observation("checkout.fulfillment.details.email-format", of="session")
def the_address_of_a_contact_is_one(sight: Sight) -> Iterator[Look]:
    """The e-mail address of the details is one, unless the agent gave a bad one (A70)."""
    if not given_wrong(sight, "fulfillment_details"):
        yield from EMAIL(sight)


@observation("checkout.fulfillment.details.echoed", of="session")
def details_are_shown_as_they_were_given(sight: Sight) -> Iterator[Look]:
    """Each of the details that the agent gave is in the answer, the same or put into another form."""
    asked, shown = sight.asked.get("fulfillment_details"), sight.get("$.fulfillment_details")
    if not isinstance(asked, dict) or expect.tells_of_an_error(sight.document.value):
        return
    for name, given in asked.items():
        if name in ("name", "phone_number", "email", "address") and given:
            kept = isinstance(shown, dict) and bool(shown.get(name)) and _same_place(given, shown[name])
            yield Look("$.fulfillment_details", "" if kept else f"The {name} that was given is not shown.")


def _same_place(given: Any, shown: Any) -> bool:
    """Whether an address leads to the place that was given, as far as its form can be told; other details do."""
    if not isinstance(given, dict) or not isinstance(shown, dict):
        return True
    told = [name for name in ("postal_code", "country") if name in given]
    return all(_letters(shown.get(name)).startswith(_letters(given[name])) for name in told)


def _letters(text: Any) -> str:
    return "".join(sign for sign in str(text).casefold() if sign.isalnum())


# Options


@observation("checkout.fulfillment.options.closed", of="session")
def an_option_has_no_further_members(sight: Sight) -> Iterator[Look]:
    """An option has the members of its type."""
    for type, definition in OPTIONS.items():
        if type in ("shipping", "digital") or sight.version >= "2026-01-30":
            yield from undeclared(sight, "$.fulfillment_options[*]", definition, where={"type": type})


@observation("checkout.fulfillment.options.id-unique", of="session")
def an_option_has_an_id_of_its_own(sight: Sight) -> Iterator[Look]:
    """No two options have the same id."""
    seen: list[Any] = []
    for at, option in offered(sight.document):
        id = option.get("id")
        yield Look(f"{at}.id", f"Another option has the id {id!r} too." if id in seen else "")
        seen.append(id)


@observation("checkout.fulfillment.options.delivery-order", of="session")
def delivery_ends_after_it_begins(sight: Sight) -> Iterator[Look]:
    """The earliest time of delivery is not after the latest."""
    for at, option in offered(sight.document):
        earliest, latest = (_moment(option.get(f"{name}_delivery_time")) for name in ("earliest", "latest"))
        if earliest and latest:
            yield Look(at, "The earliest time of delivery is after the latest." if earliest > latest else "")


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None


@probe("checkout.fulfillment.options.union")
async def goods_of_every_kind_are_offered_a_way(trial: Trial) -> None:
    """Goods that are digital, collected or delivered locally, as far as the profile brings them, are offered options
    of the types that there are.
    """
    for kind in KINDS:
        if trial.profile.item(kind):
            session = await trial.shop.opened_for(kind, place(trial, "local"))
            for at, option in offered(session.body):
                known = option.get("type") in TYPES
                expect.that(known, f"An option is of type {option.get('type')!r}.", session.created, at=f"{at}.type")


@probe("checkout.fulfillment.options.digital-no-address")
async def digital_goods_need_no_address(trial: Trial) -> None:
    """A cart of digital goods alone can be paid, or is offered a digital option, without an address."""
    session = await trial.shop.opened_for("digital", address=None)
    digital = any(option.get("type") == "digital" for _, option in offered(session.body))
    says = f"Without an address, digital goods are offered no digital option; the shop says {session.told()}."
    expect.that(digital or session.status == "ready_for_payment", says, session.created)


@probe("checkout.fulfillment.address-change.options-refreshed")
async def another_address_brings_other_options(trial: Trial) -> None:
    """After the address has changed, the options or their prices are others, and what is chosen is one of them."""
    step = await moved(trial)
    if step.option.get("type") not in ("shipping", "local_delivery"):
        raise NotApplicable("No option is offered that leads to an address.", step.after)
    expect.success(step.after, "An update of the address")
    same = _priced(step.before) == _priced(step.after.body)
    expect.that(not same, "The options are those of the address before.", step.after, at="$.fulfillment_options")
    options = offered_by_id(step.after.body)
    gone = any(choice.option is not None and choice.option not in options for choice in chosen(step.after.body))
    expect.that(not gone, "The option that is chosen is not offered any more.", step.after)


# What is chosen


@observation("checkout.fulfillment.selected.exists", of="session")
def what_is_chosen_is_offered(sight: Sight) -> Iterator[Look]:
    """In an open session, what is chosen is one of the options; a finished one may keep its choice alone (A38)."""
    if sight.get("$.status") in FINAL or not isinstance(sight.get("$.fulfillment_options"), list):
        return
    options = offered_by_id(sight.document)
    for choice in chosen(sight.document):
        if choice.option is not None and choice.at != LEGACY:
            yield Look(choice.at, "" if choice.option in options else f"No option has the id {choice.option!r}.")


@observation("checkout.fulfillment.selected.type-matches-option", of="session")
def a_choice_is_of_the_type_of_its_option(sight: Sight) -> Iterator[Look]:
    """The type of a choice is that of the option it names."""
    options = offered_by_id(sight.document)
    for choice in chosen(sight.document):
        if choice.type is not None and isinstance(choice.option, str) and choice.option in options:
            type = options[choice.option].get("type")
            yield Look(choice.at, "" if choice.type == type else f"A {type!r} option is chosen as {choice.type!r}.")


@observation("checkout.fulfillment.selected.item-ids-resolve", of="session")
def a_choice_names_items_of_the_cart(sight: Sight) -> Iterator[Look]:
    """What a choice is for are lines of the cart, or items of its lines (A11)."""
    known = [id for pattern in ("$.line_items[*].id", "$.line_items[*].item.id") for _, id in sight.select(pattern)]
    for choice in chosen(sight.document) if isinstance(sight.get("$.line_items"), list) else ():
        if isinstance(choice.items, list):
            strange = [id for id in choice.items if id not in known]
            yield Look(choice.at, f"Neither a line nor an item has the id {strange[0]!r}." if strange else "")


@probe("checkout.fulfillment.selected.applied")
async def an_offered_option_can_be_chosen(trial: Trial) -> None:
    """An update that chooses an offered option succeeds, and what it shows as chosen is that option."""
    step = await rechosen(trial)
    expect.success(step.after, "An update that chooses an offered option")
    if "selected_fulfillment_options" in step.after.body.value:
        now = [choice.option for choice in chosen(step.after.body)]
        says = f"Option {step.option['id']!r} was chosen, and the session shows {now}."
        expect.that(step.option["id"] in now, says, step.after, at="$.selected_fulfillment_options")


@probe("checkout.fulfillment.selected.repriced")
async def another_option_changes_the_totals(trial: Trial) -> None:
    """When an option of another price is chosen, the totals change."""
    step = await repriced(trial)
    if not step.dearer:
        raise NotApplicable("No option is known to cost something else than the one chosen at first.", step.after)
    before, after = (amounts(shown.get("$.totals")) for shown in (step.before, step.after.body))
    told = next((type for type in ("fulfillment", "total") if type in before and type in after), None)
    if told is None:
        raise NotApplicable("No total tells the price before and after.", step.after)
    says = f"An option was chosen that costs {step.dearer} more, and the {told} of {after[told]} is as it was."
    expect.that(before[told] != after[told], says, step.after, at="$.totals")


@probe("checkout.fulfillment.selected.unknown-rejected")
async def an_option_that_is_not_offered_is_not_chosen(trial: Trial) -> None:
    """An option id that the session does not offer is never shown as chosen."""
    await updatable(trial)
    session = await trial.shop.opened()
    option = {**(await rechosen(trial)).option, "id": trial.fresh("option")}
    choice = trial.shop.dialect.selection_members(option, session.document)
    tried = await trial.shop.send(trial.shop.updating(session, **choice))
    expect.no_crash(tried, "An option that is not offered")
    for seen in (tried, await trial.shop.send(trial.shop.retrieving(session))):
        shown = any(choice.option == option["id"] for choice in chosen(seen.body))
        expect.that(not shown, "An option that is not offered is shown as chosen.", tried, seen)


@probe("checkout.fulfillment.selected.missing-members-rejected")
async def a_choice_without_items_is_objected_to(trial: Trial) -> None:
    """A choice that does not say what it is for is refused, or the session tells of an error."""
    session = await updatable(trial)
    choice = trial.shop.dialect.selection_members((await rechosen(trial)).option, session.document)
    draft = trial.shop.updating(session, **choice).without("selected_fulfillment_options.0.item_ids")
    expect.objected(await trial.shop.send(draft), "A choice without item_ids")


@probe("checkout.fulfillment.selected.multiple")
async def lines_can_be_delivered_in_several_ways(trial: Trial) -> None:
    """Choices for different lines are held side by side."""
    shop = trial.shop
    alone = [await shop.shared(), await shop.opened_for("splits")]
    session = await shop.opened(shop.draft_for(shop.item("in_stock"), shop.item("splits")))
    options = [option for _, option in offered(session.body) if option.get("type") in TYPES]
    ways = [[option for option in options if _way(option) in _ways(one.body)] for one in alone]
    pairs = [(one, other) for other in ways[1] for one in ways[0] if one.get("id") != other.get("id")]
    lines = [line for _, line in session.body.select("$.line_items[*]") if isinstance(line, dict)]
    if not pairs or len(lines) != len(alone):
        raise NotApplicable("The two items are offered no two ways to be delivered.", session.created)
    choices = [
        shop.dialect.selection_members(option, session.document | {"line_items": [line]})
        for option, line in zip(pairs[0], _in_order(trial, lines), strict=True)
    ]
    both = {shop.dialect.selection: [each for one in choices for each in one[shop.dialect.selection]]}
    seen = expect.success(await shop.send(shop.updating(session, **both)), "An update with two choices for two lines")
    held = [choice.option for choice in chosen(seen.body)]
    if None in held or not is_session(seen.document):
        raise Blocked("The update shows no session, or a choice without its option.", seen)
    says = f"Of two choices for two lines the session shows {held}."
    expect.that(all(option["id"] in held for option in pairs[0]), says, seen, at="$.selected_fulfillment_options")


@probe("checkout.fulfillment.groups.accepted")
async def a_group_of_lines_is_taken(trial: Trial) -> None:
    """An update with a fulfillment group that names the lines of the session succeeds."""
    session = await updatable(trial)
    lines = [id for _, id in session.body.select("$.line_items[*].id")]
    kind = (await rechosen(trial)).option.get("type", "shipping")
    group = {"id": trial.fresh("group"), "item_ids": lines, "destination_type": kind}
    seen = await trial.shop.send(trial.shop.updating(session, fulfillment_groups=[group]))
    expect.success(seen, "An update with a fulfillment group")


def _ways(session: Document) -> list[Any]:
    return [_way(option) for _, option in offered(session)]


def _way(option: Mapping[str, Any]) -> Any:
    """What an option is called, which tells it from others in any session; its id may be another in each."""
    return option.get("type"), option.get("title")


def _priced(session: Document) -> list[str]:
    return sorted(repr((_way(option), price(option))) for _, option in offered(session))


def _in_order(trial: Trial, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines, that of the item in stock first."""
    wanted = trial.shop.item("in_stock")["id"]
    return sorted(lines, key=lambda line: Document(line).get("$.item.id") != wanted)
