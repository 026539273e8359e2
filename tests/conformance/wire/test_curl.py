"""The command that sends a request again is one that a shell can run, with variables for what is secret."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from conformance.wire.curl import curl, variables


def record(**request) -> dict:
    return {"request": {"method": "POST", "url": "https://shop.example/checkout_sessions", "headers": [], **request}}


def words(command: str, **environment: str) -> list[str]:
    """The words a shell makes of a command."""
    script = command.replace("curl", "printf '%s\\0'", 1).replace("$(uuidgen)", "new")
    done = subprocess.run(["bash", "-c", script], env={**os.environ, **environment}, capture_output=True, check=True)
    return done.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize("text", ["it's", 'a "b" $HOME `id` \\', "line\nbreak", "café ☕", "\x1b[31m", "!!", ""])
def test_every_text_comes_out_of_the_shell_as_it_went_in(text):
    assert words(curl(record(text=text)))[-1] == text
    assert json.loads(words(curl(record(json={"a": text})))[-1]) == {"a": text}


def test_a_secret_is_a_variable_that_the_shell_fills_in():
    command = curl(record(headers=[["Authorization", "Bearer ${ACP_KEY}"]], json={"token": "it's ${ACP_TOKEN}"}))
    assert variables(command) == ["ACP_KEY", "ACP_TOKEN"]
    told = words(command, ACP_KEY="k 1", ACP_TOKEN="t$2")
    assert "Authorization: Bearer k 1" in told
    assert json.loads(told[-1]) == {"token": "it's t$2"}


def test_the_key_is_a_new_one_and_what_curl_makes_itself_is_left_out():
    named = [["Idempotency-Key", "old"], ["Host", "x"], ["Content-Length", "7"], ["API-Version", "2026-04-17"]]
    told = words(curl(record(headers=named)))
    assert [word for word in told if ": " in word] == ["Idempotency-Key: new", "API-Version: 2026-04-17"]
