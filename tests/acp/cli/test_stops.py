from __future__ import annotations

import os
import signal
import threading

import pytest

from acp.cli.stops import stops_as_interruptions, uninterrupted


def test_a_kill_is_an_interruption_while_something_is_bought():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), stops_as_interruptions():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_nothing_stops_what_is_still_to_be_told():
    with uninterrupted():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)


def test_signals_are_left_alone_outside_the_main_thread():
    passed: list[bool] = []

    def elsewhere() -> None:
        with stops_as_interruptions():
            passed.append(True)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert passed == [True]
