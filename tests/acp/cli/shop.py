"""A shop that answers as a test scripts it."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

SHOP = "https://shop.test"
KEY = "sk_test_1"
PAN = "4242424242424242"
TOKEN = "tok_5secret"
ADDRESS = {
    "name": "Kim Lee",
    "line_one": "1 Heather Row",
    "city": "Bern",
    "state": "BE",
    "country": "CH",
    "postal_code": "3011",
}
HANDLER = {"id": "card", "name": "dev.acp.tokenized.card", "config": {"merchant_id": "m_1"}}
ORDER = {
    "id": "o_1",
    "checkout_session_id": "cs_1",
    "order_number": "QM-7",
    "permalink_url": "https://shop.test/orders/o_1",
    "status": "confirmed",
    "estimated_delivery": {"earliest": "2026-05-04T08:00:00Z", "latest": "2026-05-06T18:00:00Z"},
}
DISCOVERY = {
    "protocol": {"name": "acp", "version": "2026-04-17", "supported_versions": ["2026-04-17"]},
    "api_base_url": f"{SHOP}/acp",
    "transports": ["rest"],
    "capabilities": {
        "services": ["checkout", "orders", "delegate_payment"],
        "supported_currencies": ["eur", "usd"],
        "intervention_types": ["3ds"],
    },
}


def total(type: str, amount: int) -> dict[str, Any]:
    return {"type": type, "display_text": type.title(), "amount": amount}


SESSION: dict[str, Any] = {
    "id": "cs_1",
    "capabilities": {"payment": {"handlers": [HANDLER]}},
    "status": "ready_for_payment",
    "currency": "eur",
    "line_items": [
        {"id": "li_1", "item": {"id": "mug"}, "name": "Blue mug", "quantity": 2, "totals": [total("total", 2000)]}
    ],
    "fulfillment_options": [
        {
            "type": "shipping",
            "id": "standard",
            "title": "Standard",
            "totals": [total("total", 380)],
            "earliest_delivery_time": "2026-05-04T08:00:00Z",
            "latest_delivery_time": "2026-05-04T18:00:00Z",
        },
        {"type": "shipping", "id": "express", "title": "Express", "totals": [total("total", 900)]},
    ],
    "selected_fulfillment_options": [{"type": "shipping", "option_id": "standard", "item_ids": ["mug"]}],
    "totals": [total("subtotal", 2000), total("fulfillment", 380), total("total", 2380)],
    "messages": [],
    "links": [],
}

Answer = tuple[int, Any]


@dataclass
class ScriptedShop:
    """Answers each operation with a status and a body; what a test sets takes the place of the usual answer."""

    answers: dict[str, Any] = field(default_factory=dict)
    requests: list[tuple[str, httpx.Request]] = field(default_factory=list)
    session: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(SESSION))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        operation = self._operation(request)
        self.requests.append((operation, request))
        answer = self.answers.get(operation) or self._usual(operation)
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            answer = answer()
        status, body = answer
        return httpx.Response(status, text=body) if isinstance(body, str) else httpx.Response(status, json=body)

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.requests]

    def body(self, operation: str) -> Any:
        return json.loads(next(request for name, request in self.requests if name == operation).content)

    def says(self, status: str = "ready_for_payment", **members: Any) -> Answer:
        return 200, self.session | {"status": status} | members

    def _operation(self, request: httpx.Request) -> str:
        last = request.url.path.rsplit("/", 1)[1]
        names = {"acp.json": "discover", "checkout_sessions": "create", "delegate_payment": "delegate"}
        if last == "cs_1":
            return "update" if request.method == "POST" else "retrieve"
        return names.get(last, last)

    def _usual(self, operation: str) -> Answer:
        usual: dict[str, Answer] = {
            "discover": (200, DISCOVERY),
            "create": (201, self.session),
            "delegate": (201, {"id": TOKEN, "created": "2026-05-01T12:00:00Z", "metadata": {}}),
            "complete": self.says("completed", order=ORDER),
            "cancel": self.says("canceled"),
        }
        return usual.get(operation, (200, self.session))
