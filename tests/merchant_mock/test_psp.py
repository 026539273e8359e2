"""The payment provider: what it keeps of a card, what each bank says, and that one key means one charge."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acp.allowance import Use
from acp.errors import InvalidRequest
from acp.models.delegate_payment import DelegatePaymentRequest
from acp.redaction import is_card_number
from acp.server.merchant import Authorized, Declined, NeedsAuthentication, Pending
from acp.server.vault import Redemption
from merchant_mock.cards import BANKS, CARDS, card_of
from merchant_mock.data import table
from merchant_mock.psp import MockPsp

NOW = datetime(2026, 5, 6, 10, 30, tzinfo=UTC)
USE = Use(2295, "usd", "merchant_quillmoor", "cs_1", NOW)


class Tokens:
    """A vault of tokens that remembers who spent what; tokens are the references with `vt_` in front."""

    def __init__(self) -> None:
        self.spent: dict[str, str] = {}
        self.violations: tuple[str, ...] = ()

    def peek(self, token: str) -> str | None:
        return token.removeprefix("vt_") if token.startswith("vt_") else None

    async def redeem(self, token: str, use: Use, *, key: str) -> Redemption:
        if self.violations:
            return Redemption(violations=self.violations)
        if self.spent.setdefault(token, key) != key:
            return Redemption(violations=("spent",))
        return Redemption(self.peek(token))


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def psp(tmp_path: Path, tokens: Tokens) -> Iterator[MockPsp]:
    psp = MockPsp(tmp_path / "psp.db", tokens)
    yield psp
    psp.close()


async def token_for(psp: MockPsp, number: str) -> str:
    card = {"type": "card", "card_number_type": "fpan", "number": number, "metadata": {}}
    return "vt_" + await psp.vault(DelegatePaymentRequest.of({"payment_method": card}), NOW)


def files_with(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.iterdir() if text.encode() in path.read_bytes()]


def numbers(behaviour: str) -> list[str]:
    return [card.number for card in CARDS if card.scenario == behaviour]


def test_every_card_of_the_table_is_a_card_number_with_a_known_behaviour() -> None:
    assert len(CARDS) >= 10
    assert {card.scenario for card in CARDS} <= set(BANKS)
    assert [card.number for card in CARDS if not is_card_number(card.number)] == []


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("4111111111111111", "visa"),
        ("2223003122003222", "mastercard"),
        ("371449635398431", "amex"),
        ("9999999999999995", "unknown"),
    ],
)
def test_a_number_that_is_not_in_the_table_is_a_good_card_of_its_brand(number: str, brand: str) -> None:
    assert (card_of(number).brand, card_of(number).scenario) == (brand, "succeeds")


KEPT = [card for card in CARDS if BANKS[card.scenario].unvaulted is None]


@pytest.mark.parametrize("card", KEPT, ids=lambda card: card.number)
async def test_of_a_card_only_last_digits_brand_and_behaviour_are_kept(psp: MockPsp, tmp_path: Path, card) -> None:
    token = await token_for(psp, card.number)
    kept = psp.card(token.removeprefix("vt_"))
    assert kept is not None
    assert (kept.last4, kept.brand, kept.scenario) == (card.number[-4:], card.brand, card.scenario)
    assert not files_with(tmp_path, card.number)
    assert card.number not in token


@pytest.mark.parametrize("number", ["4242424242424241", "not a card", "9999999999999995", *numbers("card_not_taken")])
async def test_what_is_no_card_of_ours_is_not_kept(psp: MockPsp, number: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        await token_for(psp, number)
    assert (refusal.value.code, refusal.value.param) == ("invalid_card", "$.payment_method.number")
    assert number not in str(refusal.value)


@pytest.mark.parametrize("number", numbers("succeeds"))
async def test_a_good_card_is_charged(psp: MockPsp, number: str) -> None:
    outcome = await psp.charge("k1", await token_for(psp, number), USE)
    assert isinstance(outcome, Authorized)
    [charge] = psp.charges()
    assert (charge.amount, charge.currency, charge.session, charge.reference) == (
        2295,
        "usd",
        "cs_1",
        outcome.reference,
    )


@pytest.mark.parametrize(
    "behaviour", [name for name, bank in BANKS.items() if bank.refusal and not bank.authentication]
)
async def test_a_refused_card_is_declined_and_leaves_the_token_unspent(
    psp: MockPsp, tokens: Tokens, behaviour: str
) -> None:
    for n, number in enumerate(numbers(behaviour)):
        outcome = await psp.charge(f"k{n}", await token_for(psp, number), USE)
        assert outcome == Declined(str(BANKS[behaviour].refusal))
    assert tokens.spent == {}


async def test_the_same_key_gives_the_same_outcome_and_one_charge(psp: MockPsp) -> None:
    token = await token_for(psp, "4242424242424242")
    first = await psp.charge("k1", token, USE)
    assert await psp.charge("k1", token, replace(USE, at=NOW + timedelta(days=1))) == first
    assert len(psp.charges()) == 1


async def test_a_declined_key_stays_declined(psp: MockPsp) -> None:
    first = await psp.charge("k1", await token_for(psp, "4000000000000002"), USE)
    assert await psp.charge("k1", await token_for(psp, "4242424242424242"), USE) == first


async def test_charges_of_one_key_at_once_are_one_charge(psp: MockPsp) -> None:
    token = await token_for(psp, "4242424242424242")
    outcomes = await asyncio.gather(*(psp.charge("k1", token, USE) for _ in range(5)))
    assert len({outcome.reference for outcome in outcomes}) == 1
    assert len(psp.charges()) == 1


async def test_the_outcome_survives_a_restart(psp: MockPsp, tokens: Tokens, tmp_path: Path) -> None:
    token = await token_for(psp, "4242424242424242")
    first = await psp.charge("k1", token, USE)
    again = MockPsp(tmp_path / "psp.db", tokens)
    assert await again.charge("k1", token, USE) == first
    again.close()


@pytest.mark.parametrize("violation", ["amount", "currency", "merchant", "session", "expiry", "spent", "unknown"])
async def test_a_token_that_does_not_cover_the_purchase_is_refused(
    psp: MockPsp, tokens: Tokens, violation: str
) -> None:
    token = await token_for(psp, "4242424242424242")
    tokens.violations = (violation, "other")
    assert await psp.charge("k1", token, USE) == Declined(table("refusals.json")[violation])


async def test_a_token_is_spent_by_its_first_charge(psp: MockPsp) -> None:
    token = await token_for(psp, "4242424242424242")
    assert isinstance(await psp.charge("k1", token, USE), Authorized)
    assert await psp.charge("k2", token, USE) == Declined("The payment token has been used already.")


@pytest.mark.parametrize("token", ["vt_nobody", "spt_other"])
async def test_a_token_that_is_not_known_is_declined(psp: MockPsp, token: str) -> None:
    assert await psp.charge("k1", token, USE) == Declined("The payment token is not known.")


@pytest.mark.parametrize(("number", "directory"), [("4000000000003220", "visa"), ("5200000000003225", "mastercard")])
async def test_a_card_that_needs_3ds_asks_for_it_first(
    psp: MockPsp, tokens: Tokens, number: str, directory: str
) -> None:
    token = await token_for(psp, number)
    asked = await psp.charge("k1", token, USE)
    assert isinstance(asked, NeedsAuthentication)
    assert asked.metadata.directory_server == directory
    assert asked.metadata.problems() == []
    assert (tokens.spent, psp.charges()) == ({}, [])
    for outcome in ("authenticated", "attempt_acknowledged"):
        key = f"k-{outcome}"
        assert isinstance(await psp.charge(key, await token_for(psp, number), USE, outcome), Authorized)


@pytest.mark.parametrize("outcome", ["not_supported", "informational", "internal_error", "processing_error", "denied"])
async def test_3ds_without_success_is_a_decline(psp: MockPsp, tokens: Tokens, outcome: str) -> None:
    token = await token_for(psp, "4000000000003220")
    assert await psp.charge("k1", token, USE, outcome) == Declined("The bank could not confirm who is paying.")
    assert tokens.spent == {}


async def test_a_slow_payment_is_decided_three_seconds_after_it_was_first_asked_for(psp: MockPsp) -> None:
    token = await token_for(psp, "4000000000000259")
    for seconds in (0, 1, 2.9):
        assert isinstance(await psp.charge("k1", token, replace(USE, at=NOW + timedelta(seconds=seconds))), Pending)
    [charge] = psp.charges()
    assert (charge.reference, charge.refusal) == (None, None)
    assert isinstance(await psp.charge("k1", token, replace(USE, at=NOW + timedelta(seconds=3))), Authorized)


async def paid(psp: MockPsp, number: str = "4242424242424242") -> None:
    """A charge of 2295 for the session cs_1."""
    await psp.charge("cs_1:1", await token_for(psp, number), USE)


async def test_money_goes_back_once_for_each_key_and_never_more_than_was_charged(psp: MockPsp) -> None:
    await paid(psp)
    first = await psp.refund("r1", "cs_1", 2000, NOW)
    assert isinstance(first, Authorized)
    assert first.reference.startswith("re_")
    assert await psp.refund("r1", "cs_1", 2000, NOW) == first
    assert await psp.refund("r2", "cs_1", 296, NOW) == Declined(table("refusals.json")["refund"])
    assert isinstance(await psp.refund("r3", "cs_1", 295, NOW), Authorized)
    assert isinstance(await psp.refund("r2", "cs_1", 1, NOW), Declined)
    [charge] = psp.charges()
    assert [(each.key, each.amount, each.charge, each.refusal is None) for each in psp.refunds()] == [
        ("r1", 2000, charge.reference, True),
        ("r2", 296, charge.reference, False),
        ("r3", 295, charge.reference, True),
    ]


async def test_many_refunds_at_once_give_no_more_back_than_was_charged(psp: MockPsp) -> None:
    await paid(psp)
    outcomes = await asyncio.gather(*(psp.refund(f"r{n}", "cs_1", 1000, NOW) for n in range(8)))
    assert sum(isinstance(each, Authorized) for each in outcomes) == 2


async def test_where_nothing_was_charged_nothing_goes_back(psp: MockPsp) -> None:
    await paid(psp, "4000000000000002")
    nothing = Declined(table("refusals.json")["no_charge"])
    assert await psp.refund("r1", "cs_1", 1, NOW) == nothing
    assert await psp.refund("r2", "cs_other", 1, NOW) == nothing
    assert [each.charge for each in psp.refunds()] == [None, None]
