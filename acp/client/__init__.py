"""What an agent is built with: a client for merchants and payment providers, and the reading of order events.

`Client` waits, `AsyncClient` is awaited; both are one core without I/O over httpx.
"""

from acp.client import webhooks
from acp.client.amounts import currency_of, price_of, total_of
from acp.client.async_client import AsyncClient
from acp.client.authentication import authentication_result
from acp.client.client import Client
from acp.client.decisions import Decisions, Purchase, PurchaseOutcome, PurchaseStep
from acp.client.exchange import Exchange, Reply, Request, exchange_of
from acp.client.payment import allowance_for, card_handler, handlers_of, payment_data

__all__ = [
    "AsyncClient",
    "Client",
    "Decisions",
    "Exchange",
    "Purchase",
    "PurchaseOutcome",
    "PurchaseStep",
    "Reply",
    "Request",
    "allowance_for",
    "authentication_result",
    "card_handler",
    "currency_of",
    "exchange_of",
    "handlers_of",
    "payment_data",
    "price_of",
    "total_of",
    "webhooks",
]
