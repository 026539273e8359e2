"""Signals that would end the program at once: interruptions for a purchase, and nothing once it has ended."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("SIGTERM", "SIGHUP")
"""A kill and a terminal that was closed; not every system has both."""


@contextmanager
def stops_as_interruptions() -> Iterator[None]:
    """While the block runs, being stopped is a KeyboardInterrupt, as Ctrl-C is."""
    with _handled(signal.default_int_handler, *NAMES):
        yield


@contextmanager
def uninterrupted() -> Iterator[None]:
    """While the block runs nothing stops it, so that what is known is also told."""
    with _handled(signal.SIG_IGN, "SIGINT", *NAMES):
        yield


@contextmanager
def _handled(handler: Any, *names: str) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    stops = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {stop: signal.signal(stop, handler) for stop in stops}
    try:
        yield
    finally:
        for stop, earlier in before.items():
            signal.signal(stop, earlier)
