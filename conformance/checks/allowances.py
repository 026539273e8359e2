"""Checks of what bounds a token, which is seen by spending it: within its allowance once, beyond it never."""

from __future__ import annotations

from typing import Any, Final

from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.findings import Blocked, NotApplicable
from conformance.trial.trial import Trial
from conformance.trial.vault import Payable

SHORT_LIFE_SECONDS: Final = 3
"""How long a token is good for that is to die, which is not too long to wait for."""


@probe("delegate-payment.allowance.enforced.amount")
async def a_token_pays_its_amount_and_no_unit_more(trial: Trial) -> None:
    """A token for one minor unit less than the price is refused; one for the price pays."""
    await trial.spending.spent()
    purchase = await trial.spending.purchase()
    await _refused(trial, purchase, "one minor unit less than it was spent on", max_amount=purchase.total - 1)
    other = await trial.spending.purchase()
    exact = await trial.spending.token(other, max_amount=other.total)
    expect.that(await trial.spending.spend(exact, other), "A token for exactly the amount did not pay it.")


@probe("delegate-payment.allowance.enforced.currency")
async def a_token_pays_in_its_currency_alone(trial: Trial) -> None:
    """A token in another currency is refused."""
    await trial.spending.spent()
    purchase = await trial.spending.purchase()
    other = "usd" if purchase.currency.lower() == "eur" else "eur"
    await _refused(trial, purchase, f"{other} for what costs {purchase.currency}", currency=other)


@probe("delegate-payment.allowance.enforced.reason")
async def a_token_pays_once(trial: Trial) -> None:
    """A token that has paid is refused, although its amount would do for twice."""
    token, purchase = await trial.spending.spent()
    again = await trial.spending.again(purchase)
    expect.that(not await trial.spending.spend(token, again), "A token for one payment has paid twice.")


@probe("delegate-payment.allowance.enforced.merchant", needs=["psp.second_merchant_id"])
async def a_token_pays_its_merchant_alone(trial: Trial) -> None:
    """A token for the second merchant is refused where the first one spends it."""
    await trial.spending.spent()
    other = trial.profile.psp.second_merchant_id
    await _refused(trial, await trial.spending.purchase(), "another merchant", merchant_id=other)


@probe("delegate-payment.allowance.enforced.session")
async def a_token_pays_its_session_alone(trial: Trial) -> None:
    """A token for another session is refused, although merchant and price are the same."""
    trial.spending.check_bound_to_session()
    await trial.spending.spent()
    purchase = await trial.spending.purchase()
    await _refused(trial, purchase, "another session", checkout_session_id=trial.fresh("cs"))


@probe("delegate-payment.allowance.expired", last=True)
async def a_token_dies_when_its_time_is_over(trial: Trial) -> None:
    """A token whose expires_at has passed is refused."""
    await trial.spending.spent()
    purchase = await trial.spending.purchase()
    try:
        token = await trial.spending.token(purchase, expires_at=trial.vault.until(seconds=SHORT_LIFE_SECONDS))
    except Blocked as refused:
        raise NotApplicable("The PSP issues no token for so short a time.", *refused.seen) from refused
    await trial.let_pass(SHORT_LIFE_SECONDS + 1)
    expect.that(not await trial.spending.spend(token, purchase), "A token has paid after its expires_at.")


async def _refused(trial: Trial, purchase: Payable, what: str, **bounds: Any) -> None:
    """A token with these bounds does not pay a purchase."""
    token = await trial.spending.token(purchase, **bounds)
    expect.that(not await trial.spending.spend(token, purchase), f"A token for {what} has paid.")
