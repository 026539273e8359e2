"""Money as integers in minor units: currency exponents, exact splitting, rounding, and display.

Every amount of the protocol is an integer count of the currency's smallest unit: 1999 is 19.99 in a 2-decimal
currency (usd), 1999 in a 0-decimal one (jpy) and 1.999 in a 3-decimal one (kwd). Floats never carry money here.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from acp.errors import UsageError

# ISO 4217 minor units where they are not two. CLDR (and so Babel) counts digits as people write prices, which differs
# for a dozen currencies, so the standard's own numbers are kept here and Babel says which codes exist.
_EXPONENTS = {
    **dict.fromkeys(
        [
            "bif",
            "clp",
            "djf",
            "gnf",
            "isk",
            "jpy",
            "kmf",
            "krw",
            "pyg",
            "rwf",
            "ugx",
            "uyi",
            "vnd",
            "vuv",
            "xaf",
            "xof",
            "xpf",
        ],
        0,
    ),
    **dict.fromkeys(["bhd", "iqd", "jod", "kwd", "lyd", "omr", "tnd"], 3),
    **dict.fromkeys(["clf", "uyw"], 4),
}


def is_currency(code: str) -> bool:
    """Whether `code` is an ISO 4217 code in any letter case (reading A66)."""
    from babel.core import get_global

    return code.upper() in get_global("all_currencies")


def exponent(currency: str) -> int:
    """How many decimals the minor unit of `currency` has: 0, 2, 3 or 4. Raises UsageError for an unknown code."""
    if not is_currency(currency):
        raise UsageError(f"{currency!r} is not an ISO 4217 currency code.")
    return _EXPONENTS.get(currency.lower(), 2)


def to_decimal(amount: int, currency: str) -> Decimal:
    """The major-unit value of `amount` minor units."""
    return Decimal(amount).scaleb(-exponent(currency))


def from_decimal(value: Decimal, currency: str) -> int:
    """The minor units of a major-unit value. Raises UsageError when it has more decimals than the currency."""
    scaled = value.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise UsageError(f"{value} has more decimals than {currency.upper()} has minor units.")
    return int(scaled)


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount` minor units in proportion to `weights` so that the parts add up to it exactly.

    The units that rounding leaves over go to the largest remainders, earlier parts first. When no weight is positive
    the split is even. Raises UsageError for an empty or negative list of weights.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise UsageError("An amount is split over one or more weights of zero or more.")
    if not any(weights):
        weights = [1] * len(weights)
    whole, sign = sum(weights), -1 if amount < 0 else 1
    shares = [divmod(abs(amount) * weight, whole) for weight in weights]
    parts = [share for share, _ in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: -shares[i][1])
    for i in by_remainder[: abs(amount) - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


def portion(amount: int, rate: Decimal) -> int:
    """`rate` of `amount` minor units, half a unit rounded away from zero: tax added on top of a net price."""
    return int((Decimal(amount) * rate).to_integral_value(rounding=ROUND_HALF_UP))


def portion_within(gross: int, rate: Decimal) -> int:
    """The tax that a gross amount already contains at `rate`: gross × rate / (1 + rate), rounded half up."""
    return int((Decimal(gross) * rate / (1 + rate)).to_integral_value(rounding=ROUND_HALF_UP))


def display(amount: int, currency: str, *, locale: str = "en_US") -> str:
    """`amount` minor units as a person in `locale` writes them, always with the currency's full decimals."""
    from copy import copy

    from babel.core import Locale
    from babel.numbers import get_currency_symbol

    spoken = Locale.parse(locale.replace("-", "_"))
    code, digits = currency.upper(), exponent(currency)
    pattern = copy(spoken.currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    if get_currency_symbol(code, spoken)[-1].isalpha():  # a code needs a space before the number, a sign does not
        pattern.prefix = tuple(f"{text}\u00a0" if text.endswith("¤") else text for text in pattern.prefix)
    return str(pattern.apply(to_decimal(amount, currency), spoken, currency=code, currency_digits=False))
