"""The independent merchant, and a judgement of it, in one process: five versions and the platform's profile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from conformance.catalogue import catalogue
from conformance.profile.file import made_of
from conformance.trial.shop import AUTHENTICATION_RESULT
from conformance.verdict.judgement import Terms, judgement
from conformance.verdict.runner import Run
from conformance.verdict.selection import Selection
from conformance.wire.line import Limits
from tests.independent.courier import Receiver
from tests.independent.house import SECRET, House
from tests.independent.keys import RETENTION
from tests.independent.mutants import MUTANTS
from tests.independent.server import running
from tests.independent.session_view import INTERVENTIONS
from tests.independent.variations import VARIATIONS
from tests.independent.versions import VERSIONS
from tests.kill_matrix.shops import SEED, free_port, now

CARD = {
    "type": "card",
    "card_number_type": "fpan",
    "exp_month": "11",
    "exp_year": "2099",
    "name": "Mies de Wit",
    "cvc": "123",
    "display_last4": "5454",
    "display_brand": "mastercard",
    "display_card_funding_type": "credit",
    "metadata": {},
}


def judged(version: str, mutant: str | None = None, areas: Sequence[str] = ()) -> Run:
    """The run of the suite against the independent merchant of a version, sound, or as a mutant or a variation."""
    listen = f"127.0.0.1:{free_port()}"
    defect = None if mutant is None else MUTANTS[mutant].defect if mutant in MUTANTS else VARIATIONS[mutant]
    with running(House(VERSIONS[version], defect, receiver=Receiver(f"http://{listen}/order_events", SECRET))) as shop:
        brought = made_of(document(shop.profile, listen), {}, f"the independent merchant of {version}")
        selection = Selection(brought, catalogue(), areas=areas)
        return asyncio.run(judgement(selection, Terms(SEED, Limits(request_seconds=5)), now))


def document(told: dict[str, Any], listen: str) -> dict[str, Any]:
    """What the merchant tells a tester, as a profile."""
    vault, control = told["delegate_payment"], told["origin"] + "/_shop"
    order = control + "/orders/{order_id}"
    known = {"merchant_id": told["merchant_id"], "key_retention_hours": RETENTION / timedelta(hours=1)}
    return {
        "version": told["api_version"],
        "profile": "openai" if told["version"].startswith("openai") else "acp",
        "currency": told["currency"],
        "quantity_style": "flat",
        "interventions": list(INTERVENTIONS),
        "merchant": {"url": told["base_url"], "key": told["key"], "second_key": told["other_key"], **known},
        "psp": {
            "url": vault["base_url"],
            "key": vault["key"],
            "second_key": vault["other_key"],
            "second_merchant_id": "winkel-elders",
            **known,
        },
        **({"mcp": {"url": told["mcp_url"]}} if "mcp_url" in told else {}),
        "items": told["items"],
        "addresses": {"main": told["addresses"]["NL"], "far": told["addresses"]["BE"]},
        "payment": {
            "card": CARD | {"number": told["card"]},
            "data": told["payment_data"],
            "declined": {"data": told["declined_payment_data"]},
            "authentication_result": AUTHENTICATION_RESULT,
        },
        "webhook": {"secret": told["webhook"]["secret"], "listen": listen},
        "hooks": {
            "ship": {"url": f"{order}/ship", "body": {}},
            "ship_part": {"url": f"{order}/ship", "body": {"pieces": {"{line_id}": "{units}"}}},
            "send_download": {"url": f"{order}/ship", "body": {}},
            "deliver": {"url": f"{order}/deliver", "body": {}},
            "cancel_order": {"url": f"{order}/cancel", "body": {}},
            "cancel_part": {"url": f"{order}/cancel", "body": {"pieces": {"{line_id}": "{units}"}}},
            "refund": {"url": f"{order}/refund", "body": {"amount": "{amount}"}},
            "advance_clock": {"url": f"{control}/clock", "body": {"seconds": "{seconds}"}},
            "redeem": {
                "url": f"{control}/tokens/{{token}}/redeem",
                "body": {
                    "amount": "{amount}",
                    "currency": "{currency}",
                    "merchant_id": "{merchant_id}",
                    "checkout_session_id": "{session_id}",
                },
            },
            "slow": {"url": f"{control}/trouble", "body": {"wait": 0.4}},
            "fail": {"url": f"{control}/trouble", "body": {"status": 500}},
            "close": {"url": f"{control}/trouble", "body": {"status": 503}},
            "charges": {"method": "GET", "url": f"{control}/orders"},
        },
    }
