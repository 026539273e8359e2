"""Probes of the MCP endpoint itself: that MCP is spoken there, who may speak, and which tools are listed."""

from __future__ import annotations

from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.trial import calls
from conformance.trial.tools import LISTED, TOOLS, TRANSPORT, is_opened
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange


@probe(TRANSPORT)
async def mcp_can_be_initialized(trial: Trial) -> None:
    """`initialize` is answered by a JSON-RPC 2.0 result that says which version of MCP is spoken."""
    seen = await _opening(trial)
    expect.that(is_opened(seen), f"initialize was not answered by a result with a protocolVersion: {seen.label}.", seen)
    said = seen.document.get("jsonrpc")
    expect.that(said == "2.0", f"The answer to initialize says jsonrpc {said!r}, not '2.0'.", seen, at="$.jsonrpc")


@probe(LISTED)
async def all_five_tools_are_listed(trial: Trial) -> str:
    """The list of tools, over all its pages, has the five of the binding."""
    listed = [str(each.get("name")) for each in await (await calls.tools(trial)).listed()]
    missing = [tool for tool in TOOLS.values() if tool not in listed]
    expect.that(not missing, f"The list of tools lacks {', '.join(missing)}.")
    others = [tool for tool in listed if tool not in TOOLS.values()]
    return f"Beside the five there are {', '.join(others)[:300]}, which the protocol does not define." if others else ""


async def _opening(trial: Trial) -> Exchange:
    """The answer to `initialize`, whatever it was."""
    await calls.named(trial)
    return expect.answered(await trial.tools.opening())
