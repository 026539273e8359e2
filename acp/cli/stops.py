"""Signals that would end the program at once; for a purchase they are interruptions, which it answers for."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

NAMES = ("SIGTERM", "SIGHUP")
"""A kill and a terminal that was closed; not every system has both."""


@contextmanager
def stops_as_interruptions() -> Iterator[None]:
    """While the block runs, being stopped is a KeyboardInterrupt, as Ctrl-C is."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    stops = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    before = {stop: signal.signal(stop, signal.default_int_handler) for stop in stops}
    try:
        yield
    finally:
        for stop, handler in before.items():
            signal.signal(stop, handler)
