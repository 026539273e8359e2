"""How a cart gets to the buyer: parcels, freight, an evening round near the store, collection, and downloads.

Each option knows which lines it can carry. Options that come to the door stand first, the cheapest at the top, so that
it is the default; collecting in the store is the buyer's own choice, except for goods that cannot be sent at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from acp import totals
from acp.server.merchant import PricingRequest
from merchant_mock.data import table
from merchant_mock.lines import Line
from merchant_mock.markets import Region
from merchant_mock.workdays import workday

DIGITAL = {
    "type": "digital",
    "id": "download",
    "title": "Delivered online",
    "description": "Shown on the order page at once.",
    "totals": [totals.total("total", 0)],
}


@dataclass(frozen=True)
class Way:
    """A fulfillment option as the session shows it, its price in minor units, and the ids of the lines it can carry."""

    option: Mapping[str, Any]
    price: int
    carries: Sequence[str]


@dataclass(frozen=True)
class Delivery:
    """The tables of one market, asked for one cart at one time. `region` is None while the address is not usable."""

    currency: str
    now: datetime
    region: Region | None
    postal_code: str

    @property
    def tables(self) -> Mapping[str, Any]:
        """This market's part of the delivery table."""
        tables: Mapping[str, Any] = table("delivery.json")[self.currency]
        return tables

    def ways(self, lines: Sequence[Line], collected: set[str]) -> list[Way]:
        """Every way for these lines, the default ones first; `collected` are the line ids the buyer comes for."""
        sent = [line for line in lines if line.item.kind in ("physical", "oversized") and line.line_id not in collected]
        in_store = [line for line in lines if line.item.kind == "pickup_only" or line.line_id in collected]
        tangible = [line for line in lines if line.item.kind != "digital"]
        digital = [line.line_id for line in lines if line.item.kind == "digital"]
        ways = sorted(self._to_the_door(sent), key=lambda way: way.price)
        if tangible:
            ways.append(self._pickup([line.line_id for line in in_store]))
        if digital:
            ways.append(Way(DIGITAL, 0, digital))
        return ways

    def _to_the_door(self, lines: Sequence[Line]) -> list[Way]:
        if self.region is None:
            return []
        parcels = [line for line in lines if line.item.kind == "physical"]
        limit = self.tables["parcels"]["up_to_grams"][-1]
        if sum(line.grams for line in parcels) > limit:
            parcels = []
        freight = [line for line in lines if line not in parcels]
        return [
            *self._services("parcels", parcels, self.region),
            *self._local(parcels),
            *self._services("freight", freight, self.region),
        ]

    def _services(self, kind: str, lines: Sequence[Line], region: Region) -> list[Way]:
        if not lines:
            return []
        zone, rows = self._zone(region), self.tables[kind]
        band = _band(sum(line.grams for line in lines), rows["up_to_grams"])
        served = [service for service in rows["services"] if zone in service["zones"]]
        return [self._shipping(service, service["zones"][zone], band, lines) for service in served]

    def _shipping(self, service: Mapping[str, Any], terms: Mapping[str, Any], band: int, lines: Sequence[Line]) -> Way:
        price = terms["prices"][band]
        earliest, latest = terms["days"]
        option = {
            "type": "shipping",
            "id": service["id"],
            "title": service["title"],
            "carrier": service["carrier"],
            "description": f"{_days(earliest, latest)} with {service['carrier']}",
            "earliest_delivery_time": workday(self.now, earliest, 9).isoformat(),
            "latest_delivery_time": workday(self.now, latest, 18).isoformat(),
            "totals": [totals.total("total", price)],
        }
        return Way(option, price, [line.line_id for line in lines])

    def _local(self, lines: Sequence[Line]) -> list[Way]:
        terms = self.tables["local"]
        near = self.postal_code.startswith(tuple(terms["postal_prefixes"]))
        if not lines or not near:
            return []
        option = {
            "type": "local_delivery",
            "id": terms["id"],
            "title": terms["title"],
            "delivery_window": {
                "start": workday(self.now, 1, terms["from_hour"]).isoformat(),
                "end": workday(self.now, 1, terms["to_hour"]).isoformat(),
            },
            "service_area": {
                "radius_miles": terms["radius_miles"],
                "center_postal_code": self.tables["store"]["location"]["address"]["postal_code"],
            },
            "totals": [totals.total("total", terms["price"])],
        }
        return [Way(option, terms["price"], [line.line_id for line in lines])]

    def _pickup(self, line_ids: Sequence[str]) -> Way:
        store = self.tables["store"]
        option = {
            "type": "pickup",
            "id": store["id"],
            "title": store["title"],
            "location": store["location"],
            "pickup_type": store["pickup_type"],
            "ready_by": workday(self.now, store["ready_in_days"], 10).isoformat(),
            "pickup_by": workday(self.now, store["ready_in_days"] + store["keep_days"], 18).isoformat(),
            "totals": [totals.total("total", 0)],
        }
        return Way(option, 0, line_ids)

    def _zone(self, region: Region) -> str:
        """The zone that names the region's state, or its whole country; the last one is for everywhere else."""
        zones: Mapping[str, Mapping[str, Sequence[str]]] = self.tables["zones"]
        for name, places in zones.items():
            states = places.get(region.country)
            if states is not None and (not states or region.state.upper() in states):
                return name
        return list(zones)[-1]


def store_option(currency: str) -> str:
    """The id of the option to collect in the market's store."""
    return str(table("delivery.json")[currency]["store"]["id"])


def store_place(currency: str) -> tuple[str, str]:
    """The country and the state of the market's store, where what is collected there is taxed."""
    store = table("delivery.json")[currency]["store"]
    return store["country"], store["state"]


def collected_lines(request: PricingRequest) -> set[str]:
    """The ids of the lines the buyer chose to collect in the store; a choice without items means all of them."""
    wanted: set[str] = set()
    for choice in request.selected_fulfillment_options:
        if choice["option_id"] == store_option(request.currency):
            names = choice["item_ids"]
            wanted |= {line.line_id for line in request.items if not names or line.id in names or line.line_id in names}
    return wanted


def _band(grams: int, limits: Sequence[int | None]) -> int:
    return next(n for n, limit in enumerate(limits) if limit is None or grams <= limit)


def _days(earliest: int, latest: int) -> str:
    if latest == 1:
        return "Next business day"
    return f"{earliest} to {latest} business days"
