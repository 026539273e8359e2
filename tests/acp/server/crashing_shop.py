"""A shop process that dies at a named crash point: `python -m tests.acp.server.crashing_shop FD FOLDER [POINT]`.

Its ledger of charges and orders is a file of its own, as a PSP's and an order system's would be.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path

import uvicorn

from acp import server
from acp.models.checkout import Order
from acp.server import Authorized, Charge, CrashPoint, Deployment, Outcome, Purchase, Store, static_keys
from acp.server.pipeline import Pipeline
from tests import published
from tests.acp.server.shop import ScriptedShop


class LedgerShop(ScriptedShop):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.ledger = sqlite3.connect(folder / "ledger.db", isolation_level=None)
        self.ledger.execute("CREATE TABLE IF NOT EXISTS charges (key TEXT PRIMARY KEY, amount INTEGER)")
        self.ledger.execute("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, session TEXT)")

    async def authorize(self, charge: Charge) -> Outcome:
        self.ledger.execute("INSERT OR IGNORE INTO charges VALUES (?, ?)", (charge.key, charge.amount))
        return Authorized(f"pay {charge.key}")

    async def place_order(self, purchase: Purchase) -> Order:
        self.ledger.execute("INSERT OR IGNORE INTO orders VALUES (?, ?)", (purchase.order_id, purchase.session.id))
        return await super().place_order(purchase)


def main(fd: int, folder: Path, point: str | None) -> None:
    def at(reached: CrashPoint) -> None:
        if reached == point:
            os._exit(70)

    Pipeline._headers = published.watched(Pipeline._headers)
    shop = LedgerShop(folder)
    keys = static_keys({"key-1": "agent one"})
    deployment = Deployment(Store(folder / "shop.db"), keys, payment_lease=timedelta(seconds=2), at=at)
    running = uvicorn.Server(uvicorn.Config(server.create_app(server.merchant(shop, deployment)), log_level="critical"))
    running.run(sockets=[socket.socket(fileno=fd)])


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
