"""A server process: `python -m benchmarks.served NAME FD FOLDER` serves one of APPS on an inherited socket."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

import orjson
import uvicorn

SAMPLE = "sample.json"


def shop(folder: Path) -> Any:
    """The shop of the docs on the real server."""
    os.chdir(folder)
    from acp import server
    from docs import shop as mugs

    return server.create_app(mugs.role, mugs.about)


def twin(folder: Path) -> Any:
    """The bare twin."""
    from benchmarks.twin import create_app

    return create_app(folder / "twin.db", orjson.loads((folder / SAMPLE).read_bytes()))


APPS = {"shop": shop, "twin": twin}


def main(name: str, fd: int, folder: Path) -> None:
    """Serve one of them until SIGTERM."""
    config = uvicorn.Config(
        APPS[name](folder),
        log_level="warning",
        access_log=False,
        loop=os.environ.get("L", "uvloop"),
        http=os.environ.get("P", "httptools"),
        lifespan="auto",
    )
    uvicorn.Server(config).run([socket.socket(fileno=fd)])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
