"""The operations a model may call, as a table: what each is for, and what of the protocol's request it may say.

What an agent's host decides is not the model's to say: how it is paid, in which currency, under which key, and what the
host can lead the buyer through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

ID: Final = "checkout_session_id"
EXPECTED: Final = "expected_total"

HOST_DECIDES: Final = frozenset(
    {"affiliate_attribution", "authentication_result", "capabilities", "currency", "payment_data", "risk_signals"}
)
"""Members of a request that no tool has as an argument."""

_SESSION: Final = {ID: {"type": "string", "description": "The id of the checkout session, as it was told."}}


@dataclass(frozen=True, eq=False)
class Operation:
    """One tool: its request among the schemas (resource, definition), and the arguments it has beside."""

    name: str
    says: str
    request: tuple[str, str] | None = None
    beside: Mapping[str, Any] = field(default_factory=dict)
    pays: bool = False
    reads: bool = False


OPERATIONS: Final = (
    Operation(
        "search_products",
        "Find products by words. The id of a variant is what line_items of a checkout session name.",
        beside={"query": {"type": "string", "description": "Words of the buyer's wish."}},
        reads=True,
    ),
    Operation(
        "create_checkout_session",
        "Open a checkout session for items by their variant ids. Nothing is bought; the answer says what it costs and "
        "what is missing.",
        ("checkout", "CheckoutSessionCreateRequest"),
    ),
    Operation("get_checkout_session", "Read a checkout session as it stands.", beside=_SESSION, reads=True),
    Operation(
        "update_checkout_session",
        "Change a checkout session: items, buyer, delivery, selected fulfillment option. What is left out stays.",
        ("checkout", "CheckoutSessionUpdateRequest"),
        _SESSION,
    ),
    Operation(
        "complete_checkout_session",
        "Pay for a session that is ready_for_payment. This moves the buyer's money. Name the total you told the buyer; "
        "if the shop asks another one by now, nothing is paid.",
        ("checkout", "CheckoutSessionCompleteRequest"),
        _SESSION
        | {EXPECTED: {"type": "integer", "minimum": 0, "description": "The total in minor units that was told."}},
        pays=True,
    ),
    Operation(
        "cancel_checkout_session",
        "Give up a checkout session that is not paid.",
        ("checkout", "CancelSessionRequest"),
        _SESSION,
    ),
)
"""Every tool, in the order in which a purchase meets them."""

BY_NAME: Final = {operation.name: operation for operation in OPERATIONS}
