"""The examination before a judgement: part by part, whether the profile leads where it should."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from conformance.errors import LineClosed
from conformance.findings import Finding, Missing
from conformance.trial.trial import Trial
from conformance.verdict.preflight import fault_of

State = Literal["ok", "missing", "wrong"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the wiring: fine, not brought by the profile, or wrong; `says` tells what to do."""

    part: str
    state: State
    says: str


async def examine(trial: Trial) -> Sequence[Part]:
    """Every part, in the order in which they build on each other; it ends where nothing more can be learned.

    What a server says is repeated without the secrets of the profile.
    """
    return [replace(part, says=trial.secrets.text(part.says)) async for part in _parts(trial)]


async def _parts(trial: Trial) -> AsyncIterator[Part]:
    yield Part("version", "ok", f"{trial.profile.name}; the other versions are named with --api-version.")
    for role in trial.profile.roles:
        way = await _way(trial, role)
        yield way
        if way.state == "wrong":
            return
    for name, look in _LOOKS.items():
        yield await _looked(name, look, trial)


async def _way(trial: Trial, role: str) -> Part:
    """Whether a role is reached, takes the key and speaks the protocol."""
    try:
        first = await (trial.shop.first() if role == "merchant" else trial.vault.first())
    except Missing as missing:
        return Part(role, "missing", missing.says)
    except LineClosed as closed:
        return Part(role, "wrong", f"{closed}.")
    fault = fault_of(first, role)
    if fault is not None:
        return Part(role, "wrong", fault.says)
    if not first.succeeded:
        code = first.document.get("code") if isinstance(first.document, dict) else None
        return Part(role, "wrong", f"It answered {first.status}{f' ({code})' if code else ''}: {_why(first.document)}")
    return Part(role, "ok", f"{first.label} in {first.seconds * 1000:.0f} ms.")


def _why(document: object) -> str:
    said = document.get("message") if isinstance(document, dict) else None
    return str(said)[:300] if said else "no reason given."


async def _looked(name: str, look: Callable[[Trial], Awaitable[Part]], trial: Trial) -> Part:
    try:
        return await look(trial)
    except Missing as missing:
        return Part(name, "missing", missing.says)
    except (Finding, LineClosed) as found:
        return Part(name, "wrong", found.says if isinstance(found, Finding) else f"{found}.")


async def _item(trial: Trial) -> Part:
    session = await trial.shop.made_ready(await trial.shop.shared())
    return Part("item", "ok", f"It can be bought: {session.total} {session.currency} in minor units.")


async def _discovery(trial: Trial) -> Part:
    found = await trial.shop.discovered()
    if not found.succeeded:
        return Part("discovery", "missing", f"{found.label}: what the shop declares is read from its sessions alone.")
    return Part("discovery", "ok", f"{found.label}.")


async def _payment(trial: Trial) -> Part:
    session = await trial.shop.shared_ready()
    await trial.shop.payment.data(session)
    return Part("payment", "ok", "There is something to pay with; it was not charged.")


async def _webhook(trial: Trial) -> Part:
    host, port = trial.events.address
    reached = trial.profile.get("webhook.base_url", f"http://{host}:{port}")
    return Part("webhook", "ok", f"Order events are received at {host}:{port}; the shop must send them to {reached}.")


async def _mcp(trial: Trial) -> Part:
    if trial.profile.mcp is None:
        raise Missing("mcp", "what the shop is over MCP is not judged.")
    _, tools = await trial.tools.listing()
    return Part("mcp", "ok", f"MCP is spoken at {trial.profile.mcp.url}, with {len(tools)} tools.")


async def _hooks(trial: Trial) -> Part:
    names = ", ".join(trial.profile.get("hooks", {}))
    if not names:
        raise Missing("hooks", "what happens after a purchase cannot be brought about.")
    return Part("hooks", "ok", f"{names}; none was run.")


_LOOKS: Final = {
    "item": _item,
    "discovery": _discovery,
    "payment": _payment,
    "webhook": _webhook,
    "mcp": _mcp,
    "hooks": _hooks,
}
