"""One trial of the servers that a profile names: everything a probe is given."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final
from uuid import UUID

from conformance.findings import Missing
from conformance.profile import Endpoint, Profile
from conformance.trial.caller import Caller
from conformance.trial.hooks import Hooks
from conformance.trial.memory import Memory
from conformance.trial.payment import Payment
from conformance.trial.receiver import Receiver
from conformance.trial.shop import Shop
from conformance.trial.spending import Spending
from conformance.trial.tools import Tools
from conformance.trial.vault import Vault
from conformance.wire.line import Line
from conformance.wire.secrets import Secrets

LONGEST_WAIT: Final = 5
"""Seconds that are waited for where the clock of the servers cannot be moved."""


@dataclass
class Trial:
    """What a probe has at hand. `seed` decides every id and every choice; `clock` is the time of this machine.

    `forbidden` are operations that may not be sent, each with the option that says so.
    """

    profile: Profile
    line: Line
    secrets: Secrets
    seed: int
    clock: Callable[[], datetime]
    receiver: Receiver | None = None
    forbidden: Mapping[str, str] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._run = hashlib.sha256(str(self.seed).encode()).hexdigest()[:10]
        self.random = random.Random(self.seed)  # noqa: S311  # choices that can be repeated, not secrets

    @property
    def version(self) -> str:
        """The version under test."""
        return self.profile.version

    @cached_property
    def hooks(self) -> Hooks:
        """How to move the shop behind the scenes."""
        return Hooks(self.profile, self.line)

    @cached_property
    def vault(self) -> Vault:
        """The PSP. Raises Missing."""
        if "psp" not in self.profile.roles:
            raise Missing("psp", "there is no PSP to ask.")
        return Vault(self.profile, self.caller(self.profile.psp), self.memory, self.now)

    @cached_property
    def shop(self) -> Shop:
        """The shop. Raises Missing."""
        if "merchant" not in self.profile.roles:
            raise Missing("merchant", "there is no shop to ask.")
        vault = self.vault if "psp" in self.profile.roles else None
        payment = Payment(self.profile, vault, self.secrets)
        shop = Shop(self.profile, self.caller(self.profile.merchant), payment, self.memory)
        self.line.listeners.append(shop.remember)
        return shop

    @cached_property
    def tools(self) -> Tools:
        """The shop's MCP endpoint. Raises Missing."""
        if self.profile.mcp is None:
            raise Missing("mcp.url", "there is no MCP endpoint to ask.")
        return self.toolbox(self.profile.mcp)

    @cached_property
    def over_mcp(self) -> Shop:
        """The shop as it is over MCP, with sessions and states of its own. Raises Missing."""
        shop = Shop(self.profile, self.tools, self.shop.payment, Memory())
        self.tools.listeners.append(shop.remember)
        return shop

    @cached_property
    def spending(self) -> Spending:
        """How tokens of the PSP are spent. Raises Missing."""
        shop = self.shop if "merchant" in self.profile.roles else None
        return Spending(self.vault, self.hooks, shop, self.memory)

    @property
    def events(self) -> Receiver:
        """The receiver of order events. Raises Missing."""
        if self.receiver is None:
            raise Missing("webhook.secret", "nothing receives order events.")
        return self.receiver

    def caller(self, endpoint: Endpoint, version: str | None = None) -> Caller:
        """A caller of an endpoint, such as a second one with another key."""
        return Caller(endpoint, self.line, version or self.version, self.fresh, self.forbidden)

    def toolbox(self, endpoint: Endpoint) -> Tools:
        """A caller of an MCP endpoint, such as a second one with another key."""
        return Tools(endpoint, self.line, self.version, self.fresh, self.forbidden)

    async def leave(self) -> None:
        """Cancel every session that is still open, in the way it was opened."""
        await self.shop.leave()
        if self.profile.mcp is not None:
            await self.over_mcp.leave()

    def fresh(self, kind: str) -> str:
        """An id that no other request of the run has; a key is a UUID, as an agent is advised to send."""
        number = next(self._numbers)
        if kind == "key":
            return str(UUID(bytes=hashlib.sha256(f"{self._run} {number}".encode()).digest()[:16], version=4))
        return f"acpc-{kind}-{self._run}-{number}"

    async def let_pass(self, seconds: int) -> None:
        """Move the servers' clock, or wait where that is not for long. Raises Missing where it would be."""
        if self.hooks.has("advance_clock") or seconds > LONGEST_WAIT:
            await self.hooks.run("advance_clock", seconds=seconds)
        else:
            await asyncio.sleep(seconds)

    def now(self) -> datetime:
        """The time of the servers under test: that of this machine, and what their clock was moved by."""
        return self.clock() + timedelta(seconds=self.hooks.advanced_seconds)
