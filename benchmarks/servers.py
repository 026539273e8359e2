"""The servers under load, each a process of its own on a free port of the loopback interface."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, and how long it took from its start to its first answer (seconds)."""

    name: str
    address: tuple[str, int]
    pid: int
    first_answer: float

    @property
    def url(self) -> str:
        """Where it listens, as a URL."""
        return f"http://{self.address[0]}:{self.address[1]}"

    @property
    def memory(self) -> int:
        """The bytes of memory it holds now."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    @property
    def cpu(self) -> float:
        """The seconds of processor time it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(name: str, folder: Path) -> Iterator[Server]:
    """Start a server of `benchmarks.served` while the block runs. Raises RuntimeError when it does not come up."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        fd, address = listener.fileno(), listener.getsockname()[:2]
        command = [sys.executable, "-m", "benchmarks.served", name, str(fd), str(folder)]
        began = perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, pass_fds=[fd])  # noqa: S603
        try:
            _await_answer(address, process)
            yield Server(name, address, process.pid, perf_counter() - began)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)


def _await_answer(address: tuple[str, int], process: subprocess.Popen[bytes]) -> None:
    with socket.create_connection(address, PATIENCE_SECONDS) as connection:  # waits in the backlog until it is served
        connection.sendall(b"GET /checkout_sessions/none HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        while not connection.recv(4096):
            if process.poll() is not None:
                raise RuntimeError(f"the server ended with code {process.returncode}")
            sleep(0.01)
