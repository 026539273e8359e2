"""Checks of totals: that they add up, which is advisory (A14), and what they may not hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance import arithmetic
from conformance.arithmetic import amounts, whole
from conformance.checking import expect
from conformance.checking.choices import chosen, offered_by_id
from conformance.checking.closed import undeclared
from conformance.checking.registry import Look, observation, probe
from conformance.findings import Blocked, NotApplicable
from conformance.trial.delivery import repriced, updatable
from conformance.trial.session import total_of
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial

PRICED: Final = ("ready_for_payment", "complete_in_progress", "completed")
"""The statuses in which everything that the price depends on is known."""

ENTRIES: Final = ("$.totals[*]", "$.line_items[*].totals[*]", "$.fulfillment_options[*].totals[*]")


@observation("checkout.totals.entry.closed-object", of="session", always=True)
def an_entry_has_no_further_members(sight: Sight) -> Iterator[Look]:
    """A total, of whatever, has its six members and no others."""
    for entries in ENTRIES:
        yield from undeclared(sight, entries, "Total")


@observation("checkout.totals.total-entry-present", of="session")
def a_session_that_can_be_paid_has_a_total(sight: Sight) -> Iterator[Look]:
    """Once the price is known, one of the totals is of type total."""
    totals = sight.get("$.totals")
    if isinstance(totals, list) and sight.get("$.status") in PRICED:
        types = [type for _, type in sight.select("$.totals[*].type")]
        yield Look(
            "$.totals", "" if "total" in types else f"The session can be paid, and of its totals {types} none is."
        )


@observation("checkout.totals.refunded-only-on-orders", of="session")
def an_unpaid_session_shows_no_refund(sight: Sight) -> Iterator[Look]:
    """What was refunded is told of orders only."""
    if sight.get("$.status") == "completed":
        return
    for at, type in sight.select("$.totals[*].type"):
        yield Look(at, "A session that is not completed shows a refund." if type == "amount_refunded" else "")


@observation("checkout.totals.tax-breakdown-sum", of="session")
def a_breakdown_comes_to_its_tax(sight: Sight) -> Iterator[Look]:
    """The rows of a breakdown add up to the amount of the entry they break down."""
    for entries in ENTRIES:
        for at, entry in sight.select(entries):
            rows = entry.get("breakdown") if isinstance(entry, dict) else None
            parts = [whole(row.get("amount")) for row in rows or () if isinstance(row, dict)]
            known = [part for part in parts if part is not None]
            if isinstance(rows, list) and known and len(known) == len(rows):
                yield _equal(f"{at}.breakdown", "The rows of the breakdown", sum(known), whole(entry.get("amount")))


@observation("checkout.totals.arith.line-base", of="session")
def a_line_multiplies(sight: Sight) -> Iterator[Look]:
    """The base amount of a line is its quantity times its unit price."""
    for at, line in _lines(sight):
        base, reckoned = arithmetic.amounts_of(line).get("items_base_amount"), arithmetic.line_base(line)
        if base is not None and reckoned is not None:
            yield _equal(f"{at}.totals", "The base amount of the line", base, reckoned)


@observation("checkout.totals.arith.session-base", of="session")
def the_base_amounts_of_lines_add_up(sight: Sight) -> Iterator[Look]:
    """The base amount of the session is that of its lines together."""
    base = _shown(sight).get("items_base_amount")
    reckoned = arithmetic.session_base(line for _, line in _lines(sight))
    if base is not None and reckoned is not None:
        yield _equal("$.totals", "The base amount of the session", base, reckoned)


@probe("checkout.totals.arith.session-base", needs=["items.second"])
async def the_base_amount_follows_the_cart(trial: Trial) -> None:
    """When an item is added to the cart, the base amount of the session is another."""
    shop, session = trial.shop, await updatable(trial)
    before = amounts(session.body.get("$.totals")).get("items_base_amount")
    lines = [shop.dialect.line(shop.item(kind)) for kind in ("in_stock", "second")]
    seen = await shop.send(shop.updating(session, **{shop.dialect.items: lines}), control=True)
    if len(seen.body.select("$.line_items[*]")) < len(lines):
        raise Blocked("The second item is not in the cart.", seen, by="checkout.session.update.line-items-applied")
    after = amounts(seen.body.get("$.totals")).get("items_base_amount")
    if before is None or after is None:
        raise NotApplicable("The session shows no base amount of its items.", seen)
    expect.that(before != after, f"An item was added, and the base amount is {after} as before.", seen, at="$.totals")


@observation("checkout.totals.arith.subtotal", of="session")
def the_subtotal_is_the_base_less_discounts(sight: Sight) -> Iterator[Look]:
    """The subtotal is the base amount less what is taken off the items."""
    shown = _shown(sight)
    if {"subtotal", "items_base_amount"} <= shown.keys():
        reckoned = arithmetic.subtotals(shown, [line for _, line in _lines(sight)])
        yield _one_of("$.totals", "The subtotal", shown["subtotal"], reckoned)


@observation("checkout.totals.arith.total", of="session")
def the_total_is_the_sum(sight: Sight) -> Iterator[Look]:
    """The total is the subtotal with all that is added and taken off."""
    shown = _shown(sight)
    if {"subtotal", "total"} <= shown.keys() <= arithmetic.KNOWN:
        reckoned = arithmetic.grand_totals(shown, [line for _, line in _lines(sight)])
        yield _one_of("$.totals", "The total", shown["total"], reckoned)


@observation("checkout.totals.arith.fulfillment", of="session")
def delivery_costs_what_was_chosen(sight: Sight) -> Iterator[Look]:
    """The fulfillment total is what the chosen options cost."""
    charged, options = _shown(sight).get("fulfillment"), offered_by_id(sight.document)
    ids = [choice.option for choice in chosen(sight.document)]
    if charged is None or not ids or len(set(map(str, ids))) < len(ids) or not all(id in options for id in ids):
        return
    reckoned = arithmetic.sums(arithmetic.prices(options[id]) for id in ids)
    if reckoned:
        yield _one_of("$.totals", "The cost of delivery", charged, reckoned)


@observation("checkout.totals.line.discount-consistent", of="session")
def item_discounts_are_those_of_the_lines(sight: Sight) -> Iterator[Look]:
    """What the session takes off the items is what its lines take off together (A12)."""
    shown = _shown(sight)
    if "items_discount" in shown:
        off = arithmetic.line_discounts(line for _, line in _lines(sight))
        yield _equal("$.totals", "The discount on items", abs(shown["items_discount"]), off)


@observation("checkout.totals.discount-positive", of="session")
def a_discount_is_not_negative(sight: Sight) -> Iterator[Look]:
    """A discount is an amount that is taken off, so not below zero (A73)."""
    for entries in ENTRIES:
        for at, entry in sight.select(entries):
            if isinstance(entry, dict) and entry.get("type") in ("items_discount", "discount"):
                amount = whole(entry.get("amount")) or 0
                yield Look(f"{at}.amount", f"The discount is {amount}." if amount < 0 else "")


@observation("checkout.totals.discount-type.items", of="session")
def a_discount_on_items_is_booked_as_one(sight: Sight) -> Iterator[Look]:
    """A discount that is allocated to lines is an items_discount, and not a discount of the order as well."""
    if not any(_on_lines(each) for each in _applied(sight)):
        return
    shown = _shown(sight)
    again = "discount" in shown and all(_on_lines(each) for each in _applied(sight))
    missing = "A discount is allocated to lines, and no total is an items_discount."
    twice = "All discounts are allocated to lines, and one of the totals is a discount of the order."
    yield Look("$.totals", missing if "items_discount" not in shown else twice if again else "")


@observation("checkout.totals.discount-type.order", of="session")
def a_discount_on_the_order_is_booked_as_one(sight: Sight) -> Iterator[Look]:
    """A discount that is not allocated to lines is a total of type discount."""
    if any(each.get("amount") and not _on_lines(each) for each in _applied(sight)):
        missing = "A discount is not allocated to lines, and no total is a discount."
        yield Look("$.totals", "" if "discount" in _shown(sight) else missing)


@probe("checkout.totals.arith.update-consistency")
async def a_dearer_option_raises_the_total(trial: Trial) -> None:
    """When a dearer option is chosen, the total grows by the difference at least."""
    step = await repriced(trial)
    if step.dearer is None or step.dearer <= 0:
        raise NotApplicable("No option is known to cost more than the one that is chosen at first.", step.after)
    totals = [total_of(step.before.value), total_of(step.after.document)]
    if 0 in totals:
        raise Blocked("The session shows no total.", step.after, by="checkout.totals.total-entry-present")
    grown = totals[1] - totals[0]
    says = f"The option costs {step.dearer} more, and the total grew by {grown}."
    expect.that(grown >= step.dearer, says, step.after, at="$.totals")


@probe("checkout.totals.zero-decimal-currency")
async def an_amount_without_minor_units_is_whole(trial: Trial) -> None:
    """A price in a currency without minor units, such as yen, is told in whole units."""
    wanted = trial.shop.item("zero_decimal")
    draft = trial.shop.draft_for({"id": wanted["id"]}).changed({"currency": wanted["currency"]})
    session = await trial.shop.opened(draft)
    if session.currency.lower() != wanted["currency"].lower():
        raise NotApplicable(f"The session is in {session.currency}, not in {wanted['currency']}.", session.created)
    unit = session.body.get("$.line_items[*].unit_amount", session.body.get("$.line_items[*].item.unit_amount"))
    if whole(unit) is None:
        raise NotApplicable("The line shows no unit price that is an integer.", session.created)
    expect.that(
        unit == wanted["unit_amount"],
        f"The unit price is {unit}; {wanted['unit_amount']} was expected for {wanted['currency']}.",
        session.created,
        at="$.line_items[0].unit_amount",
    )


@probe("checkout.totals.display-text-localized", needs=["locales"])
async def texts_follow_the_language(trial: Trial) -> None:
    """The texts of totals differ between two languages that the shop writes."""
    draft = await trial.shop.creating()
    first, second, *_ = trial.profile.get("locales")
    seen = [await trial.shop.send(draft.headed({"Accept-Language": locale})) for locale in (first, second)]
    texts = [sorted(str(text) for _, text in each.body.select("$.totals[*].display_text")) for each in seen]
    if not all(texts):
        raise Blocked("A create in a language of the profile shows no texts of totals.", *seen)
    expect.that(texts[0] != texts[1], f"The texts of totals are the same in {first} and {second}: {texts[0]}.", *seen)


def _lines(sight: Sight) -> list[tuple[str, dict[str, Any]]]:
    return [(at, line) for at, line in sight.select("$.line_items[*]") if isinstance(line, dict)]


def _shown(sight: Sight) -> Mapping[str, int]:
    return amounts(sight.get("$.totals"))


def _applied(sight: Sight) -> list[dict[str, Any]]:
    return [each for _, each in sight.select("$.discounts.applied[*]") if isinstance(each, dict)]


def _on_lines(applied: Mapping[str, Any]) -> bool:
    """Whether a discount is allocated, and to lines alone."""
    parts = applied.get("allocations")
    paths = [str(part.get("path")) for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return bool(paths) and all(path.startswith("$.line_items") for path in paths)


def _equal(at: str, what: str, shown: int | None, reckoned: int | None) -> Look:
    return Look(at, "" if shown == reckoned else f"{what} is {shown}; reckoned, it is {reckoned}.")


def _one_of(at: str, what: str, shown: int, reckoned: set[int]) -> Look:
    either = " or ".join(map(str, sorted(reckoned)))
    return Look(at, "" if shown in reckoned else f"{what} is {shown}; reckoned, it is {either}.")
