"""A shop process whose payments take a moment: `python -m tests.merchant_mock.slow_shop FD FOLDER`."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from acp import server
from acp.server import Deployment, Drain, Store, static_keys
from merchant_mock.serving import Server
from tests.acp.server.shop import ScriptedShop

SECONDS = 1.5


def main(fd: int, folder: Path) -> None:
    shop, store, drain = ScriptedShop(psp_seconds=SECONDS), Store(folder / "shop.db"), Drain()
    deployment = Deployment(store, static_keys({"key-1": "agent one"}))
    role = server.merchant(shop, deployment)
    app = server.create_app(role, server.health(deployment, role, drain=drain))
    Server(app, lambda: print("ready", flush=True), drain).run([socket.socket(fileno=fd)])
    store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
