"""Chromium, driven over the two pipes of its DevTools protocol, so that a page is judged by what a reader gets."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

SECONDS = 30.0
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", "--disable-extensions",
    "--disable-background-networking", "--remote-debugging-pipe",
]  # fmt: skip


class Browser:
    """One tab. What happens in it meanwhile is kept in `events`, by the protocol's own names."""

    def __init__(self, writing: int, reading: int) -> None:
        self._writing, self._reading = writing, reading
        self._asked = 0
        self._rest = b""
        self._session: str | None = None
        self.events: list[tuple[str, dict[str, Any]]] = []
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.tell(f"{domain}.enable")

    def tell(self, method: str, **params: Any) -> dict[str, Any]:
        """Make a call of the protocol and wait for what it returns."""
        self._asked += 1
        asked = {"id": self._asked, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        os.write(self._writing, json.dumps(asked).encode() + b"\0")
        for message in self._messages():
            if message.get("id") == self._asked:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]
            self._happened(message)
        raise AssertionError("unreachable")

    def open(self, page: Path, *, scripts: bool = True) -> None:
        """Load a file, without its scripts if asked, and wait until it is there."""
        self.tell("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.events.clear()
        self.tell("Page.navigate", url=page.as_uri())
        for message in self._messages():
            self._happened(message)
            if message.get("method") == "Page.loadEventFired":
                return

    def screen(self, width: int, *, height: int = 900, scheme: str = "light", media: str = "screen") -> None:
        """Show the page at so many CSS pixels, in a colour scheme, on the screen or as it is printed."""
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.tell("Emulation.setEmulatedMedia", media=media, features=features)

    def run(self, script: str) -> Any:
        """The value of an expression in the page, awaited where it is a promise."""
        found = self.tell("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        code, text = {"Tab": (9, ""), "Enter": (13, "\r")}.get(key, (ord(key[0]), key))
        self.tell("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, text=text)
        self.tell("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def picture(self, file: Path, *, whole: bool = False) -> None:
        """Write what is shown as a PNG; the whole page if asked."""
        found = self.tell("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(b64decode(found["data"]))

    def of(self, method: str) -> list[dict[str, Any]]:
        """The events of a name since the page was opened."""
        return [params for name, params in self.events if name == method]

    def _happened(self, message: dict[str, Any]) -> None:
        if "method" in message:
            self.events.append((message["method"], message["params"]))

    def _messages(self) -> Iterator[dict[str, Any]]:
        deadline = time.monotonic() + SECONDS
        while True:
            *whole, self._rest = self._rest.split(b"\0")
            for number, text in enumerate(whole):
                self._rest = b"\0".join([*whole[number + 1 :], self._rest])
                yield json.loads(text)
                break
            else:
                ready, _, _ = select.select([self._reading], [], [], max(0.0, deadline - time.monotonic()))
                assert ready, f"the browser said nothing for {SECONDS:.0f} seconds"
                read = os.read(self._reading, 1 << 20)
                assert read, "the browser has ended"
                self._rest += read


def path_of_browser() -> str:
    """Where Chromium is. Skips the test where there is none, except where nothing may be skipped."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        assert not os.environ.get("ACP_SPEC_REQUIRED"), "There is no Chromium, and nothing may be skipped here."
        pytest.skip("There is no Chromium here; on Debian: apt-get install chromium")
    return found


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser with an empty profile in `folder`."""
    path = path_of_browser()
    theirs, writing = os.pipe()
    reading, ours = os.pipe()
    theirs, ours = (fcntl.fcntl(pipe, fcntl.F_DUPFD, 10) for pipe in _closing(theirs, ours))
    started = subprocess.Popen(
        ["bash", "-c", f'exec "$@" 3<&{theirs} 4>&{ours}', "bash", path, *FLAGS, f"--user-data-dir={folder}"],
        pass_fds=[theirs, ours],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for pipe in (theirs, ours):
        os.close(pipe)
    try:
        made = Browser(writing, reading)
        yield made
        with suppress(AssertionError, OSError):
            made._session = None
            made.tell("Browser.close")
    finally:
        started.terminate()
        started.wait(SECONDS)
        os.close(writing)
        os.close(reading)


def _closing(*pipes: int) -> Iterator[int]:
    for pipe in pipes:
        yield pipe
        os.close(pipe)
