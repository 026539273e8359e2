"""What a tester must be told about this shop."""

from __future__ import annotations

from typing import Any, Final

from tests.independent.catalogue import CURRENCY, GOODS
from tests.independent.house import AGENTS, DEPOSITORS, House
from tests.independent.vault import DECLINED_CARD, DECLINED_TOKEN, GOOD_CARD, GOOD_TOKEN
from tests.independent.versions import MERCHANT_ID

SHOP_PATH: Final = "/api/acp/v1"
VAULT_PATH: Final = "/betaalkluis"
TOOLS_PATH: Final = "/gereedschap"
CONTROL_PATH: Final = "/_shop"

ADDRESSES: Final = {
    "NL": {
        "name": "Mies de Wit",
        "line_one": "Brink 12",
        "city": "Deventer",
        "state": "OV",
        "country": "NL",
        "postal_code": "7411 BR",
    },
    "BE": {
        "name": "Mies de Wit",
        "line_one": "Meir 80",
        "line_two": "bus 3",
        "city": "Antwerpen",
        "state": "VAN",
        "country": "BE",
        "postal_code": "2000",
    },
}
"""Two addresses that the shop ships to, each with ways of its own."""


def profile(house: House, origin: str) -> dict[str, Any]:
    """Where everything is, what can be bought, and how it can be paid and not be paid."""
    (key, other_key), (vault_key, other_vault_key) = AGENTS, DEPOSITORS
    version, receiver = house.version, house.courier.receiver
    first, second, digital, sold_out, guarded = GOODS
    return {
        "version": version.name,
        "api_version": version.api,
        "origin": origin,
        "base_url": origin + SHOP_PATH,
        "key": key,
        "other_key": other_key,
        "delegate_payment": {"base_url": origin + VAULT_PATH, "key": vault_key, "other_key": other_vault_key},
        **({"mcp_url": origin + TOOLS_PATH} if version.manner else {}),
        "merchant_id": MERCHANT_ID,
        "currency": CURRENCY,
        "quantity_style": {"required": "flat", "refused": "none", "line_item": "line_item"}[version.quantity],
        "items": {
            "in_stock": first,
            "second": second,
            "digital": digital,
            "out_of_stock": sold_out,
            **({"needs_3ds": guarded} if version.challenge != "never" else {}),
        },
        "addresses": ADDRESSES,
        "payment_data": payment_data(house, GOOD_TOKEN),
        "declined_payment_data": payment_data(house, DECLINED_TOKEN),
        "card": GOOD_CARD,
        "declined_card": DECLINED_CARD,
        "webhook": {"header": version.signature, "secret": receiver.secret, "url": receiver.url},
        "control": _control(origin + CONTROL_PATH),
    }


def payment_data(house: House, token: str) -> dict[str, Any]:
    """The payment_data of a completion that pays with a token."""
    handler = house.version.handler
    if handler is None:
        return {"token": token, "provider": "stripe"}
    return {"handler_id": handler["id"], "instrument": {"type": "card", "credential": {"type": "spt", "token": token}}}


def _control(base: str) -> dict[str, str]:
    return {
        "receiver": f"PUT {base}/receiver {{url, secret?}}",
        "orders": f"GET {base}/orders",
        "ship": f"POST {base}/orders/{{order or session}}/ship {{pieces?}}",
        "deliver": f"POST {base}/orders/{{order or session}}/deliver",
        "cancel": f"POST {base}/orders/{{order or session}}/cancel {{pieces?}}",
        "refund": f"POST {base}/orders/{{order or session}}/refund {{amount?}}",
        "clock": f"POST {base}/clock {{seconds}}",
        "trouble": f"POST {base}/trouble {{wait?, status?}}",
        "redeem": f"POST {base}/tokens/{{token}}/redeem {{amount, currency, merchant_id, checkout_session_id}}",
    }
