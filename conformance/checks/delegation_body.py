"""Checks of what a delegation says: every member wrong once, and what is unusual but right.

Each row is one or more changes of the control request by one member, each of which is sent alone. `UNSET` leaves the
member out, and a function gives it what it makes of the body.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.findings import Missing
from conformance.trial.draft import UNSET, Draft
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

Body = Mapping[str, Any]
Change = Mapping[str, Any]
Judge = Callable[[Exchange, str], Exchange]


def _without(*members: str) -> Sequence[Change]:
    """A change for each member, which leaves it out."""
    return [{member: UNSET} for member in members]


def _number(body: Body) -> str:
    return str(body["payment_method"]["number"])


REFUSED: Final[Mapping[str, Sequence[Change]]] = {
    "request.required-members": _without("payment_method", "allowance", "risk_signals", "metadata"),
    "payment-method.required-members": _without(
        "payment_method.type", "payment_method.card_number_type", "payment_method.number",
        "payment_method.display_card_funding_type", "payment_method.metadata",
    ),
    "payment-method.type": [{"payment_method.type": "bank_account"}],
    "payment-method.card-number-type": [{"payment_method.card_number_type": "dpan"}],
    "payment-method.number": [{"payment_method.number": lambda body: int(_number(body))}],
    "payment-method.funding-type": [{"payment_method.display_card_funding_type": "charge"}],
    "payment-method.virtual.type": [{"payment_method.virtual": "no"}],
    "payment-method.exp-month": [{"payment_method.exp_month": month} for month in ("13", "00", "001")],
    "payment-method.exp-year": [{"payment_method.exp_year": year} for year in ("27", "20270")],
    "payment-method.cvc": [{"payment_method.cvc": "12345"}],
    "payment-method.iin": [{"payment_method.iin": lambda body: _number(body)[:9]}],
    "payment-method.checks-performed": [{"payment_method.checks_performed": ["pin"]}],
    "address.required-members": _without(
        "billing_address.name", "billing_address.line_one", "billing_address.city", "billing_address.state",
        "billing_address.country", "billing_address.postal_code",
    ),
    "address.lengths": [
        {"billing_address.name": "n" * 257},
        {"billing_address.line_one": "1" * 61},
        {"billing_address.line_two": "2" * 61},
        {"billing_address.city": "c" * 61},
        {"billing_address.postal_code": "9" * 21},
    ],
    "address.country": [{"billing_address.country": "USA"}],
    "allowance.required-members": _without(
        "allowance.reason", "allowance.max_amount", "allowance.currency", "allowance.checkout_session_id",
        "allowance.merchant_id", "allowance.expires_at",
    ),
    "allowance.reason": [{"allowance.reason": "recurring"}],
    "allowance.max-amount-integer": [{"allowance.max_amount": 20.5}, {"allowance.max_amount": "2000"}],
    "allowance.currency": [
        {"allowance.currency": lambda body: body["allowance"]["currency"].upper()},
        {"allowance.currency": lambda body: body["allowance"]["currency"][:2]},
    ],
    "allowance.string-members": [{"allowance.checkout_session_id": 17}, {"allowance.merchant_id": 17}],
    "allowance.merchant-id-length": [{"allowance.merchant_id": "m" * 257}],
    "allowance.expires-at-format": [{"allowance.expires_at": "tomorrow"}],
    "risk-signals.item-members": _without("risk_signals.0.type", "risk_signals.0.score", "risk_signals.0.action"),
    "risk-signals.type": [{"risk_signals.0.type": "velocity"}],
    "risk-signals.score": [{"risk_signals.0.score": 0.5}],
    "risk-signals.action": [{"risk_signals.0.action": "allow"}],
}  # fmt: skip
"""What has to be answered with a 4xx."""

GIVEN_NO_TOKEN: Final[Mapping[str, Sequence[Change]]] = {
    "request.metadata.non-string-rejected": [{"metadata.number": 7}],
    "payment-method.display-last4": [{"payment_method.display_last4": digits} for digits in ("42", "42a4")],
    "payment-method.eci-value": [{"payment_method.eci_value": "005"}],
    "payment-method.display-strings": [
        {f"payment_method.{member}": 7} for member in ("name", "display_brand", "display_wallet_type", "cryptogram")
    ],
}
"""What has to be refused too, in whatever way."""

TAKEN: Final[Mapping[str, Sequence[Change]]] = {
    "request.billing-address-optional": _without("billing_address"),
    "address.line-two-optional": [{"billing_address.line_two": ""}, {"billing_address.line_two": UNSET}],
    "payment-method.iin": [{"payment_method.iin": lambda body: _number(body)[:8]}],
    "payment-method.virtual.absent-accepted": _without("payment_method.virtual"),
    "risk-signals.empty-accepted": [{"risk_signals": []}],
}
"""What has to be given a token."""


def _said(change: Change) -> str:
    """A change in words; what a function made of a card is no text to show."""
    [(member, value)] = change.items()
    if value is UNSET:
        return f"A delegation without {member}"
    shown = "another value" if callable(value) else textwrap.shorten(json.dumps(value), 40, placeholder="…")
    return f"A delegation with {shown} as {member}"


def _made(change: Change, control: Draft) -> Draft:
    """The control request with a change. Raises Missing for an address where it has none."""
    if any(member.startswith("billing_address.") for member in change) and "billing_address" not in control.body:
        raise Missing("payment.billing_address", "nor an address, so that nothing can be wrong with it.")
    made = {member: value(control.body) if callable(value) else value for member, value in change.items()}
    return control.changed(made)


def _each(verb: str, requirement: str, changes: Sequence[Change], judge: Judge) -> Callable[[Trial], Awaitable[None]]:
    """The probe that sends every change of a row alone, and judges each answer."""

    async def check(trial: Trial) -> None:
        for change in changes:
            draft = _made(change, await trial.vault.ready())
            judge(await trial.vault.send(draft), _said(change))

    check.__name__ = f"{verb}_{requirement.replace('.', '_').replace('-', '_')}"
    return check


_TABLES: Final = (
    ("refuses", REFUSED, expect.refusal),
    ("vaults_not", GIVEN_NO_TOKEN, expect.no_token),
    ("takes", TAKEN, expect.success),
)

for _verb, _rows, _judge in _TABLES:
    for _requirement, _changes in _rows.items():
        probe(f"delegate-payment.{_requirement}")(_each(_verb, _requirement, _changes, _judge))
