"""Servers that speak no protocol anybody asked for, on a real socket: each does one thing to every connection."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

Deed = Callable[[socket.socket], None]


def answer(body: bytes, kind: str = "application/json", status: str = "200 OK", more: str = "") -> bytes:
    """An HTTP answer as it goes over the wire."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


def says(what: bytes) -> Deed:
    """Answer every request with these bytes, and close."""
    return lambda connection: connection.sendall(what)


def hangs(connection: socket.socket) -> None:
    """Take the request, and never say a word."""
    with suppress(OSError):
        while connection.recv(65_536):
            pass


def drips(connection: socket.socket) -> None:
    """Send one byte now and then, so that no single wait is long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    with suppress(OSError):
        while True:
            connection.sendall(b" ")
            time.sleep(0.05)


def floods(connection: socket.socket) -> None:
    """Send 100 MB of JSON."""
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n[")
    with suppress(OSError):
        for _ in range(1_600):
            connection.sendall(b" " * 65_536)


def breaks_off(connection: socket.socket) -> None:
    """Promise a body and close in its middle."""
    connection.sendall(
        b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"id": "cs'
    )


@contextmanager
def server(deed: Deed, certificate: Path | None = None) -> Iterator[str]:
    """The base URL of a server that does this to every request; with a certificate it speaks TLS."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stopped = threading.Event()

        def one(connection: socket.socket) -> None:
            with suppress(OSError), connection:
                spoken = context.wrap_socket(connection, server_side=True) if context else connection
                if spoken.recv(65_536):
                    deed(spoken)

        def accept() -> None:
            while not stopped.is_set():
                with suppress(OSError):
                    connection, _ = listener.accept()
                    threading.Thread(target=one, args=[connection], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        port = listener.getsockname()[1]
        try:
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
        finally:
            stopped.set()
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
