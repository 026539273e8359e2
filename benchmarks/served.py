"""A server process: `python -m benchmarks.served NAME FD FOLDER` serves one of APPS on an inherited socket."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import orjson
import uvicorn

SAMPLE, RECEIVER = "sample.json", "receiver.txt"
SECRET = "benchmark_secret"
SERVED_BY = "ACP_BENCH_SERVED_BY"
"""Names the event loop and the HTTP parser; without it those that a plain uvicorn brings."""


def shop(folder: Path) -> Any:
    """The real server."""
    os.chdir(folder)  # where the shop of the docs puts its database
    from acp import server
    from benchmarks.merchant import ReadyPrices
    from docs.shop import deployment

    return server.create_app(server.merchant(ReadyPrices(), deployment))


def twin(folder: Path) -> Any:
    """The bare twin."""
    from benchmarks.twin import create_app

    return create_app(folder / "twin.db", orjson.loads((folder / SAMPLE).read_bytes()))


def deliverer(folder: Path) -> Any:
    """The real server, which delivers the order events of its database to the receiver that the folder names."""
    os.chdir(folder)
    from acp import server
    from benchmarks.merchant import ReadyPrices
    from docs.shop import deployment

    target = server.WebhookTarget((folder / RECEIVER).read_text(), SECRET)
    delivering = replace(
        deployment, webhooks=lambda owner: target, delivery=server.Delivery(networks=[ip_network("127.0.0.0/8")])
    )
    return server.create_app(server.merchant(ReadyPrices(), delivering))


APPS = {"shop": shop, "twin": twin, "deliverer": deliverer}


def main(name: str, fd: int, folder: Path) -> None:
    """Serve one of them until SIGTERM."""
    loop, http = os.environ.get(SERVED_BY, "asyncio h11").split()
    config = uvicorn.Config(APPS[name](folder), log_level="warning", access_log=False, loop=loop, http=http)
    uvicorn.Server(config).run([socket.socket(fileno=fd)])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
