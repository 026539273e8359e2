"""Observations of line items, and probes of how many an agent may ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from conformance.checking import expect
from conformance.checking.closed import undeclared
from conformance.checking.registry import Look, observation, probe
from conformance.findings import Blocked
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial

QUANTIFIED: Final = "checkout.session.line-item.quantity-integer"
FLAT: Final = ("base_amount", "discount", "subtotal", "tax", "total")
"""What a line said in place of totals before 2026-01-30, and what RFC §5 still lists (A40)."""


@observation("checkout.session.line-item.closed-object", of="session", always=True)
def a_line_has_no_other_members(sight: Sight) -> Iterator[Look]:
    """A line has the members of its version; the flat amounts of older ones are passed over."""
    yield from undeclared(sight, "$.line_items[*]", "LineItem", beside=FLAT)


@observation("checkout.session.line-item.item-shape", of="session", always=True)
def an_item_has_no_other_members(sight: Sight) -> Iterator[Look]:
    """The item of a line has the members of its version; a quantity, as of old, is passed over (A01)."""
    yield from undeclared(sight, "$.line_items[*].item", "Item", beside=("quantity",))


@observation("checkout.session.line-item.id-unique", of="session")
def lines_have_ids_of_their_own(sight: Sight) -> Iterator[Look]:
    """No two lines of a session have the same id."""
    ids = [(at, id) for at, id in sight.select("$.line_items[*].id") if isinstance(id, str)]
    count = Counter(id for _, id in ids)
    yield from (Look(at, f"{count[id]} lines have this id." if count[id] > 1 else "") for at, id in ids)


@observation("checkout.session.line-item.parent-resolves", of="session")
def a_parent_is_a_line(sight: Sight) -> Iterator[Look]:
    """The parent of a line is another line of the session."""
    lines = [line for line in sight.select("$.line_items[*]") if isinstance(line[1], dict)]
    for at, line in lines:
        if "parent_id" in line:
            others = [other.get("id") for _, other in lines if other is not line]
            yield Look(f"{at}.parent_id", "" if line["parent_id"] in others else "No other line has this id.")


@observation("checkout.session.create.item-represented", of="session")
def every_item_asked_for_has_a_line(sight: Sight) -> Iterator[Look]:
    """The control request of create is answered with a line for each item it names."""
    if sight.exchange.operation != "create" or sight.exchange.purpose != "control":
        return
    lines = sight.get("$.line_items")
    shown = [id for _, id in sight.select("$.line_items[*].item.id")]
    if not isinstance(lines, list) or len(shown) < len(lines):
        return  # lines without an item are for the checks of lines
    for asked in sight.asked.get("line_items", sight.asked.get("items", ())):
        yield Look("$.line_items", "" if asked["id"] in shown else f"No line is for the item {asked['id']}.")


@probe("checkout.session.line-item.id-unique")
async def two_items_are_two_lines(trial: Trial) -> None:
    """A session for two items is opened, so that their lines are seen."""
    await trial.shop.opened(trial.shop.draft_for(trial.shop.item("in_stock"), trial.shop.item("second")))


@probe("checkout.session.create.quantity-honored")
async def a_quantity_is_taken(trial: Trial) -> None:
    """Two of an item are two in the lines of the session."""
    item = trial.shop.item("in_stock")
    created = await trial.shop.opened(
        (await trial.shop.creating()).changed({f"{_items(trial)}.0": trial.shop.counted(2)})
    )
    counts = [_quantity(line) for _, line in created.body.select("$.line_items[*]") if _item_of(line) == item["id"]]
    if not counts or None in counts:
        raise Blocked("The session shows no quantity of the item.", created.seen, by=QUANTIFIED)
    count = sum(filter(None, counts))
    expect.that(count == 2, f"Two of an item were asked for, the lines say {count}.", created.seen, at="$.line_items")


@probe("checkout.session.create.quantity-positive")
async def a_quantity_below_one_is_not_taken(trial: Trial) -> None:
    """None of an item, or less, opens no session that can be paid."""
    for quantity in (0, -1):
        draft = (await trial.shop.creating()).changed({f"{_items(trial)}.0": trial.shop.counted(quantity)})
        expect.not_payable(await trial.shop.send(draft), f"A create with the quantity {quantity}")


@probe("checkout.session.line-item.quantity-decimal-legacy")
async def a_fraction_is_not_rounded(trial: Trial) -> None:
    """Two and a half of an item are refused, or are two and a half in the lines of the session."""
    draft = (await trial.shop.creating()).changed({f"{_items(trial)}.0.quantity": 2.5})
    seen = await trial.shop.send(draft)
    shown = [quantity for _, quantity in seen.body.select("$.line_items[*].item.quantity")]
    expect.that(not seen.succeeded or 2.5 in shown, f"2.5 were asked for, the lines say {shown}.", seen)


def _items(trial: Trial) -> str:
    return trial.shop.dialect.items


def _quantity(line: dict[str, Any]) -> float | None:
    """How many a line is for: until 2026-01-16 its item says so. None where it does not say."""
    item = line.get("item")
    held = line.get("quantity", item.get("quantity") if isinstance(item, dict) else None)
    return held if isinstance(held, (int, float)) else None


def _item_of(line: Any) -> Any:
    item = line.get("item") if isinstance(line, dict) else None
    return item.get("id") if isinstance(item, dict) else None
