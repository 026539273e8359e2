"""Documents a shop might answer with, and clients whose keys and clock are known."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from acp.client import Client

SHOP = "https://shop.test/acp"
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def total(type: str, amount: int) -> dict[str, Any]:
    return {"type": type, "display_text": type, "amount": amount}


_SESSION: dict[str, Any] = {
    "id": "cs_1",
    "protocol": {"version": "2026-04-17"},
    "capabilities": {
        "payment": {
            "handlers": [
                {
                    "id": "card",
                    "name": "dev.acp.tokenized.card",
                    "version": "2026-01-22",
                    "spec": "https://handlers.test/card",
                    "requires_delegate_payment": True,
                    "requires_pci_compliance": False,
                    "psp": "mock",
                    "config_schema": "https://handlers.test/card/config.json",
                    "instrument_schemas": ["https://handlers.test/card/instrument.json"],
                    "config": {"merchant_id": "m_1"},
                }
            ]
        },
        "interventions": {"supported": []},
    },
    "status": "ready_for_payment",
    "currency": "EUR",
    "line_items": [
        {"id": "li_1", "item": {"id": "mug"}, "name": "Mug", "quantity": 2, "totals": [total("total", 2000)]}
    ],
    "fulfillment_options": [],
    "totals": [total("subtotal", 2000), total("tax", 380), total("total", 2380)],
    "messages": [],
    "links": [],
}


@pytest.fixture
def session() -> dict[str, Any]:
    return copy.deepcopy(_SESSION)


@pytest.fixture
def client() -> Iterator[Client]:
    keys = count(1)
    with Client(SHOP, "sk_test_1", max_retries=0, clock=lambda: NOW, new_key=lambda: f"key-{next(keys)}") as made:
        yield made
