"""The payment provider: cards in a vault that keeps no number, and charges whose outcome stands under their key."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from acp.allowance import Use
from acp.errors import InvalidRequest
from acp.models.checkout import AuthenticationMetadata
from acp.models.delegate_payment import DelegatePaymentRequest
from acp.redaction import is_card_number
from acp.server.merchant import Authorized, Declined, NeedsAuthentication, Outcome, Pending
from acp.server.psp import Psp
from acp.server.vault import Redemption
from merchant_mock.cards import BANKS, TOKENS, Bank, card_of
from merchant_mock.data import table
from merchant_mock.database import Database
from merchant_mock.scenarios.telling import told

AUTHENTICATED = frozenset({"authenticated", "attempt_acknowledged"})
"""Outcomes of 3-D Secure after which the bank bears the risk, so that the charge goes on."""

_DIRECTORIES = {"visa": "visa", "mastercard": "mastercard", "amex": "american_express"}
ACCEPTED_BRANDS = ("visa", "mastercard", "amex", "discover")

_TABLES = (
    "CREATE TABLE IF NOT EXISTS mock_cards ("
    "reference TEXT PRIMARY KEY, last4 TEXT, brand TEXT, behaviour TEXT) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS mock_charges ("
    "key TEXT PRIMARY KEY, card TEXT, amount INTEGER, currency TEXT, session TEXT, asked_at REAL, "
    "reference TEXT, refusal TEXT) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS mock_refunds ("
    "key TEXT PRIMARY KEY, charge TEXT, amount INTEGER, asked_at REAL, refusal TEXT) WITHOUT ROWID",
)


class Tokens(Protocol):
    """What the provider needs of the vault that issues delegated tokens: a look without spending, and spending."""

    def peek(self, token: str) -> str | None: ...

    async def redeem(self, token: str, use: Use, *, key: str) -> Redemption: ...


@dataclass(frozen=True)
class StoredCard:
    """What is kept of a card."""

    reference: str
    last4: str
    brand: str
    scenario: str

    @property
    def bank(self) -> Bank:
        """What the card's bank says to a charge."""
        return BANKS[self.scenario]


@dataclass(frozen=True)
class ChargeRecord:
    """A charge as the provider remembers it: authorized with a `reference`, refused with a `refusal`, or undecided."""

    key: str
    card: str
    amount: int
    currency: str
    session: str
    asked_at: float
    reference: str | None
    refusal: str | None


@dataclass(frozen=True)
class RefundRecord:
    """Money asked to go back of the charge `charge`, as the provider remembers it; with a `refusal` it did not go."""

    key: str
    charge: str
    amount: int
    asked_at: float
    refusal: str | None


class MockPsp(Psp):
    """A payment provider over a vault of tokens and one SQLite file."""

    def __init__(self, path: str | Path, tokens: Tokens) -> None:
        self._database = Database(path, *_TABLES)
        self._tokens = tokens

    async def vault(self, request: DelegatePaymentRequest, now: datetime) -> str:
        """Keep last digits, brand and behaviour of a card. Raises InvalidRequest for one that is not taken."""
        number = request["payment_method"]["number"]
        if not is_card_number(number):
            raise _bad_card("The card number is not one.")
        card = card_of(number)
        await asyncio.sleep(told().vaulting or BANKS[card.scenario].vaulting)
        refusal = told().unvaulted or BANKS[card.scenario].unvaulted
        if refusal is not None:
            raise _bad_card(refusal)
        if card.brand not in ACCEPTED_BRANDS:
            raise _bad_card(f"Cards of these brands are taken: {', '.join(ACCEPTED_BRANDS)}.")
        reference = f"card_{secrets.token_hex(16)}"
        await asyncio.to_thread(self._keep_card, StoredCard(reference, number[-4:], card.brand, card.scenario))
        return reference

    async def charge(
        self, key: str, token: str, use: Use, authentication: str | None = None, scenario: str | None = None
    ) -> Outcome:
        """Charge a token. `authentication` is the outcome of 3-D Secure; a repeated `key` gives the outcome it had.

        `scenario` says what the bank does instead of the card's own one.
        """
        decided = self._decided(key)
        if decided is not None:
            return decided
        card = _card_to_try(token) or self.card(self._tokens.peek(token))
        if card is None:
            return await self._keep(key, "", use, refusal=table("refusals.json")["unknown"])
        card = replace(card, scenario=scenario or card.scenario)
        return await self._ask_bank(key, card, use, authentication) or await self._redeem(key, token, card, use)

    def card(self, reference: str | None) -> StoredCard | None:
        """What is kept of a card, by its reference."""
        rows = self._database.rows(
            "SELECT reference, last4, brand, behaviour FROM mock_cards WHERE reference = ?", reference
        )
        return StoredCard(*rows[0]) if rows else None

    def charges(self) -> list[ChargeRecord]:
        """Every charge that was ever asked for, in the order of asking."""
        rows = self._database.rows(
            "SELECT key, card, amount, currency, session, asked_at, reference, refusal "
            "FROM mock_charges ORDER BY asked_at, key"
        )
        return [ChargeRecord(*row) for row in rows]

    async def refund(
        self, key: str, session: str, amount: int, at: datetime, *, given_up: bool = False
    ) -> Authorized | Declined:
        """Give money of a session's charge back, never more than was charged; a repeated `key` gives what it gave.

        A refund that is `given_up` is refused, and then nobody can have it under that key.
        """
        return await asyncio.to_thread(self._give_back, key, session, amount, at, given_up)

    def refunds(self) -> list[RefundRecord]:
        """Every refund that was ever asked for, in the order of asking."""
        rows = self._database.rows(
            "SELECT key, charge, amount, asked_at, refusal FROM mock_refunds ORDER BY asked_at, key"
        )
        return [RefundRecord(*row) for row in rows]

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _keep_card(self, card: StoredCard) -> None:
        with self._database.writing() as db:
            db.execute("INSERT INTO mock_cards VALUES (?, ?, ?, ?)", astuple(card))

    async def _ask_bank(self, key: str, card: StoredCard, use: Use, authentication: str | None) -> Outcome | None:
        """What stands in the way on the bank's side; None when the bank would pay."""
        bank = card.bank
        if bank.authentication and authentication is None:
            return NeedsAuthentication(authentication_metadata(card.brand))
        if bank.authentication and (bank.outcome or authentication) not in AUTHENTICATED:
            return await self._keep(key, card.reference, use, refusal="The bank could not confirm who is paying.")
        if bank.refusal is not None:
            return await self._keep(key, card.reference, use, refusal=bank.refusal)
        if bank.pending:
            asked = await asyncio.to_thread(self._first_asked, key, card.reference, use)
            return Pending() if use.at.timestamp() < asked + bank.pending.total_seconds() else None
        return None

    async def _redeem(self, key: str, token: str, card: StoredCard, use: Use) -> Outcome:
        redemption = Redemption(card.reference) if token in TOKENS else await self._tokens.redeem(token, use, key=key)
        if redemption.violations:
            refusal = table("refusals.json")[redemption.violations[0]]
            return await self._keep(key, card.reference, use, refusal=refusal)
        return await self._keep(key, card.reference, use, reference=f"ch_{sha256(key.encode()).hexdigest()[:24]}")

    async def _keep(
        self, key: str, card: str, use: Use, *, reference: str | None = None, refusal: str | None = None
    ) -> Outcome:
        """Note a decision unless the key has one already; the decision that stands is the answer."""
        return await asyncio.to_thread(self._decide, key, card, use, reference, refusal)

    def _decide(self, key: str, card: str, use: Use, reference: str | None, refusal: str | None) -> Outcome:
        with self._database.writing() as db:
            _note(db, key, card, use)
            db.execute(
                "UPDATE mock_charges SET reference = ?, refusal = ? "
                "WHERE key = ? AND coalesce(reference, refusal) IS NULL",
                (reference, refusal, key),
            )
            return _outcome(*db.execute("SELECT reference, refusal FROM mock_charges WHERE key = ?", (key,)).fetchone())

    def _give_back(self, key: str, session: str, amount: int, at: datetime, given_up: bool) -> Authorized | Declined:
        with self._database.writing() as db:
            known = db.execute("SELECT refusal FROM mock_refunds WHERE key = ?", (key,)).fetchone()
            if known is None:
                charge, refusal = _refundable(db, session, amount)
                refusal = table("refusals.json")["given_up"] if given_up else refusal
                row = (key, charge, amount, at.timestamp(), refusal)
                db.execute("INSERT INTO mock_refunds VALUES (?, ?, ?, ?, ?)", row)
                known = (refusal,)
        return Declined(known[0]) if known[0] else Authorized(f"re_{sha256(key.encode()).hexdigest()[:24]}")

    def _first_asked(self, key: str, card: str, use: Use) -> float:
        with self._database.writing() as db:
            _note(db, key, card, use)
            return float(db.execute("SELECT asked_at FROM mock_charges WHERE key = ?", (key,)).fetchone()[0])

    def _decided(self, key: str) -> Outcome | None:
        rows = self._database.rows(
            "SELECT reference, refusal FROM mock_charges WHERE key = ? AND coalesce(reference, refusal) IS NOT NULL",
            key,
        )
        return _outcome(*rows[0]) if rows else None


def _card_to_try(token: str) -> StoredCard | None:
    """The card behind a token that everybody may use."""
    card = TOKENS.get(token)
    return StoredCard(f"card_of_{token}", card.number[-4:], card.brand, card.scenario) if card else None


def _note(db: sqlite3.Connection, key: str, card: str, use: Use) -> None:
    """Write down that a charge was asked for, unless it was asked for before."""
    row = (key, card, use.amount, use.currency, use.checkout_session_id, use.at.timestamp(), None, None)
    db.execute("INSERT OR IGNORE INTO mock_charges VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


def _refundable(db: sqlite3.Connection, session: str, amount: int) -> tuple[str | None, str | None]:
    """The charge of a session that money goes back from, and what stands in the way."""
    charged = db.execute(
        "SELECT reference, amount - (SELECT coalesce(sum(amount), 0) FROM mock_refunds"
        " WHERE charge = reference AND mock_refunds.refusal IS NULL)"
        " FROM mock_charges WHERE session = ? AND reference IS NOT NULL",
        (session,),
    ).fetchone()
    if charged is None:
        return None, table("refusals.json")["no_charge"]
    reference, left = charged
    return reference, table("refusals.json")["refund"] if amount > left else None


def _outcome(reference: str | None, refusal: str) -> Outcome:
    return Authorized(reference) if reference is not None else Declined(refusal)


def authentication_metadata(brand: str) -> AuthenticationMetadata:
    """What an agent needs to start 3-D Secure for a card of this brand."""
    return AuthenticationMetadata.of(
        {
            "acquirer_details": {
                "acquirer_bin": "455555",
                "acquirer_country": "US",
                "acquirer_merchant_id": "QUILLMOOR0001",
                "merchant_name": "Quillmoor General Store",
                "requestor_id": "QUILLMOOR3DS",
            },
            "directory_server": _DIRECTORIES.get(brand, "visa"),
            "flow_preference": {"type": "challenge", "challenge": {"type": "preferred"}},
        }
    )


def _bad_card(message: str) -> InvalidRequest:
    return InvalidRequest(message, code="invalid_card", param="$.payment_method.number")
