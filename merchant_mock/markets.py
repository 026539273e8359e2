"""Where the shop sells: three currencies, the countries each is for, their tax, and prices by a fixed conversion.

A price in another market is the dollar price times a fraction, rounded up to that market's price point: 18.00 USD times
93/100 is 16.74, and the next whole euro less five cents is 16.95 EUR. Nothing here knows an exchange rate of the day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from merchant_mock.data import table

ZERO = Decimal(0)


@dataclass(frozen=True)
class Region:
    """A place with its own tax rates, by tax category; a category that is not named has the standard rate."""

    name: str
    country: str
    state: str
    rates: Mapping[str, Decimal]

    def rate(self, category: str) -> Decimal:
        """The rate of one tax category."""
        return self.rates.get(category, self.rates["standard"])


NOWHERE = Region("no tax", "", "", {"standard": ZERO})
"""The region of a buyer whose address is not known: no tax is added yet."""


@dataclass(frozen=True)
class Misplaced:
    """Why an address cannot be used: a message code, the member of the address, and a sentence."""

    code: str
    member: str
    says: str


@dataclass(frozen=True)
class Country:
    """A country the shop delivers to. `states` maps codes to names and rates; it is empty where they do not matter."""

    code: str
    name: str
    postal_code: re.Pattern[str]
    rates: Mapping[str, Decimal]
    states: Mapping[str, tuple[str, Mapping[str, Decimal]]]

    def region(self, state: str) -> Region | None:
        """The region of a state given by code or name; None for a state that does not exist."""
        if not self.states:
            return Region(self.name, self.code, state.strip(), self.rates)
        code = self._state_code(state.strip())
        if code is None:
            return None
        name, rates = self.states[code]
        return Region(name, self.code, code, {**self.rates, **rates})

    def _state_code(self, state: str) -> str | None:
        code = state.upper().removeprefix(f"{self.code}-")
        names = {name.casefold(): code for code, (name, _) in self.states.items()}
        return code if code in self.states else names.get(state.casefold())


@dataclass(frozen=True)
class Market:
    """A currency with its countries. With `inclusive`, prices already contain the tax."""

    currency: str
    inclusive: bool
    per_usd: tuple[int, int]
    step: int
    less: int
    countries: Mapping[str, Country]

    def price_of(self, amount: int, stated: str) -> int:
        """The price in this market, in its minor units, of an amount in the currency `stated`."""
        if stated == self.currency or amount == 0:
            return amount
        numerator, denominator = self.per_usd
        points = -(-(amount * numerator + self.less * denominator) // (denominator * self.step))
        return points * self.step - self.less

    def default_region(self) -> Region:
        """What is taxed before an address is known: the first country where prices include tax, nothing elsewhere."""
        first = next(iter(self.countries.values()))
        return Region(first.name, first.code, "", first.rates) if self.inclusive else NOWHERE

    def locate(self, address: Mapping[str, Any]) -> Region | Misplaced:
        """The region of an address, or why it cannot be one of this market."""
        absent = next((member for member in ("country", "state", "postal_code") if not address.get(member)), None)
        if absent is not None:
            return Misplaced("missing", absent, "The address is not complete.")
        country = self.countries.get(address["country"].strip().upper())
        if country is None:
            served = " and ".join(c.name for c in self.countries.values())
            return Misplaced("region_restricted", "country", f"In {self.currency.upper()} we deliver to {served} only.")
        region = country.region(address["state"])
        if region is None:
            return Misplaced("invalid", "state", f"That is not a state of {country.name}.")
        if not country.postal_code.fullmatch(address["postal_code"].strip()):
            return Misplaced("invalid", "postal_code", f"That is not a postal code of {country.name}.")
        return region


def _rates(stated: Mapping[str, str]) -> dict[str, Decimal]:
    return {category: Decimal(rate) for category, rate in stated.items()}


def _country(code: str, facts: Mapping[str, Any]) -> Country:
    states = {state: (row[0], _rates(row[1]) if len(row) > 1 else {}) for state, row in facts.get("states", {}).items()}
    return Country(code, facts["name"], re.compile(facts["postal_code"], re.ASCII), _rates(facts["rates"]), states)


def _market(currency: str, facts: Mapping[str, Any]) -> Market:
    price = facts["price"]
    numerator, denominator = price["per_usd"]
    countries = {code: _country(code, row) for code, row in facts["countries"].items()}
    return Market(currency, facts["inclusive"], (numerator, denominator), price["step"], price["less"], countries)


MARKETS: Mapping[str, Market] = {
    currency: _market(currency, facts) for currency, facts in table("markets.json").items()
}
"""The shop's markets by currency in lower case."""
