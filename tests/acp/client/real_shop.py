"""A shop on a real socket: the mock merchant, or any application of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.applications import Starlette

from merchant_mock.app import House, Terms, open_house
from merchant_mock.catalogue import load
from merchant_mock.serving import bind, serving, url_of

HOME = {
    "name": "Ada Moor",
    "line_one": "1 Heather Row",
    "city": "Fresno",
    "state": "CA",
    "country": "US",
    "postal_code": "93701",
}


@contextmanager
def opened(folder: Path) -> Iterator[str]:
    """Open the mock merchant while the block runs; yields its URL."""
    with opened_house(folder) as (url, _):
        yield url


@contextmanager
def opened_house(folder: Path) -> Iterator[tuple[str, House]]:
    """The same, for tests that look at its books; yields its URL and the house."""
    with bind("127.0.0.1", 0) as listener:
        house = open_house(Terms(catalogue=load(), database=folder / "shop.db", base_url=url_of(listener)))
        try:
            with serving(house.app, listener) as url:
                yield url, house
        finally:
            house.close()


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve an application while the block runs; yields its URL."""
    with bind("127.0.0.1", 0) as listener, serving(app, listener) as url:
        yield url
