"""Hooks: how the profile moves the shop behind the scenes, by a command or by a request."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from acp import headers
from conformance.findings import Blocked, Missing
from conformance.profile import Profile
from conformance.wire.exchange import Sent
from conformance.wire.line import Line

LONGEST_SECONDS: Final = 30.0
"""How long a command may take."""


class HookFailed(Blocked):
    """A hook was run, and what it asked for was not done."""


class Hooks:
    """The hooks of a profile."""

    def __init__(self, profile: Profile, line: Line) -> None:
        self._hooks: Mapping[str, Any] = profile.get("hooks", {})
        self._line = line
        self.advanced_seconds = 0.0
        """How far the shop's clock has been moved by now."""

    def has(self, name: str) -> bool:
        """Whether the profile brings this hook."""
        return name in self._hooks

    def takes(self, name: str, placeholder: str) -> bool:
        """Whether a hook has a use for a value."""
        return f"{{{placeholder}}}" in json.dumps(self._hooks.get(name))

    async def succeeds(self, name: str, **values: Any) -> bool:
        """Run a hook that may be refused; says whether it was done. Raises Missing, Blocked if it cannot be run."""
        try:
            await self.run(name, **values)
        except HookFailed:
            return False
        return True

    async def run(self, name: str, **values: Any) -> str:
        """Run a hook with values for its placeholders; returns what it said. Raises Missing, Blocked if it fails."""
        if name not in self._hooks:
            raise Missing(f"hooks.{name}", "without it the shop cannot be moved there.")
        hook = self._hooks[name]
        said = await (self._asked(name, hook, values) if isinstance(hook, Mapping) else run_command(hook, values, name))
        if name == "advance_clock":
            self.advanced_seconds += float(values["seconds"])
        return said

    @asynccontextmanager
    async def set(self, name: str) -> AsyncIterator[None]:
        """Run a hook that may last, and undo it afterwards where there is a hook for that. Raises what `run` does."""
        await self.run(name)
        try:
            yield
        finally:
            if self.has("restore"):
                await self.run("restore")

    async def _asked(self, name: str, hook: Mapping[str, Any], values: Mapping[str, Any]) -> str:
        body = json.dumps(_filled(hook["body"], values)).encode() if "body" in hook else b""
        named = {**({headers.CONTENT_TYPE: headers.JSON} if body else {}), **hook.get("headers", {})}
        sent = Sent(hook.get("method", "POST"), _filled(hook["url"], values), tuple(named.items()), body)
        done = await self._line.send("hook", sent, purpose="hook", hook=name)
        if done.failure:
            raise Blocked(f"The hook {name} cannot be run: {done.label}.", done)
        if not done.succeeded:
            raise HookFailed(f"The hook {name} failed: {done.label}.", done)
        return done.answer.body.decode("utf-8", "replace") if done.answer else ""


async def run_command(command: str | list[str], values: Mapping[str, Any], name: str) -> str:
    """What a command prints, without blanks around it; it finds the values in its words and as ACP_* variables.

    Raises Blocked when it cannot be run, fails, or takes too long.
    """
    words = shlex.split(command) if isinstance(command, str) else command
    variables = {f"ACP_{key.upper()}": str(value) for key, value in values.items()}
    try:
        process = await asyncio.create_subprocess_exec(
            *(_filled(word, values) for word in words),
            env={**os.environ, **variables},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise Blocked(f"The command of {name} cannot be run: {error.strerror or error}.") from error
    try:
        out, err = await asyncio.wait_for(process.communicate(), LONGEST_SECONDS)
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise Blocked(f"The command of {name} took more than {LONGEST_SECONDS:g} seconds.") from error
    if process.returncode:
        last = (err.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"])[-1]
        raise HookFailed(f"The command of {name} ended with {process.returncode}: {last[:200]}")
    return out.decode("utf-8", "replace").strip()


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    """A value with `{name}` replaced; where a text is nothing but a placeholder, the value itself stands for it."""
    if isinstance(value, Mapping):
        return {str(_filled(name, values)): _filled(held, values) for name, held in value.items()}
    if isinstance(value, list):
        return [_filled(held, values) for held in value]
    if not isinstance(value, str):
        return value
    if value[1:-1] in values and value == f"{{{value[1:-1]}}}" and not isinstance(values[value[1:-1]], str):
        return values[value[1:-1]]
    for name, held in values.items():
        value = value.replace(f"{{{name}}}", str(held))
    return value
