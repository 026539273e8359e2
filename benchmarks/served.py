"""The two servers under load, each in a process of its own: `python -m benchmarks.served NAME FD FOLDER`."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import uvicorn


def shop(folder: Path) -> Any:
    """The shop of the docs over the real server."""
    os.chdir(folder)
    from acp import server
    from docs import shop as mugs

    return server.create_app(mugs.role, mugs.about)


def twin(folder: Path) -> Any:
    """The bare twin, with the real server's own documents as its sample."""
    from benchmarks.twin import create_app

    sample = orjson.loads((folder / "sample.json").read_bytes())
    texts = {name: text.encode() if name in ("Create", "Update", "Complete") else text for name, text in sample.items()}
    return create_app(folder / "twin.db", texts)


APPS = {"shop": shop, "twin": twin}


def main(name: str, fd: int, folder: Path) -> None:
    """Serve one of them on an inherited socket."""
    app = APPS[name](folder)
    config = uvicorn.Config(app, log_level="warning", access_log=False, loop="uvloop", http="httptools")
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run([socket.socket(fileno=fd)])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
