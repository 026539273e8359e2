"""What the shop sells and how it ships: bicycle parts from Deventer, in euros, told in Dutch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

CURRENCY: Final = "eur"
VAT_PERCENT: Final = 21


@dataclass(frozen=True, slots=True)
class Good:
    """One article; `price` is in cents without VAT."""

    id: str
    title: str
    price: int
    digital: bool = False
    sold_out: bool = False
    guarded: bool = False
    disclosure: str | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One way to hand over; `price` is in cents, and `days` are the earliest and the latest until it is there."""

    id: str
    kind: Literal["shipping", "digital"]
    title: str
    text: str
    price: int
    carrier: str | None = None
    days: tuple[int, int] | None = None

    @property
    def window(self) -> tuple[timedelta, timedelta] | None:
        """How long from the order until it is there, where that can be said."""
        return (timedelta(days=self.days[0]), timedelta(days=self.days[1])) if self.days else None


GOODS: Final[Mapping[str, Good]] = {
    good.id: good
    for good in (
        Good("8712000104116", "Messing fietsbel, dubbele slag", 1295),
        Good(
            "8712000104321", "Zadel van kernleer", 7450, disclosure="**Let op:** kernleer kan verkleuren in de regen."
        ),
        Good("8712000104529", "Routekaart Veluwe (GPX)", 399, digital=True),
        Good("8712000104734", "Voordrager van essenhout", 3900, sold_out=True),
        Good("8712000104932", "Racefiets 'Mistral', maat 56", 124900, guarded=True),
    )
}
"""The articles by their EAN: two in stock, a digital one, one that is sold out, and one sold to known cardholders."""

AT_HOME: Final = "NL"

_ABROAD: Final = Option("europakket", "shipping", "Europakket", "Drie tot vijf werkdagen", 1350, "DPD", (3, 5))

SHIPPING: Final[Mapping[str, Sequence[Option]]] = {
    AT_HOME: (
        Option(
            "fietskoerier", "shipping", "Fietskoerier", "Morgen, tussen acht en twaalf", 895, "Fietskoeriers", (1, 1)
        ),
        Option("brievenpost", "shipping", "Pakket", "Binnen twee werkdagen", 495, "PostNL", (1, 2)),
    ),
    "BE": (_ABROAD,),
    "DE": (_ABROAD,),
}
"""The ways to ship by country, the dearest first."""

DOWNLOAD: Final = Option("download", "digital", "Direct downloaden", "Link per e-mail", 0)
