"""Probes of the MCP endpoint itself: that MCP is spoken there, where it is, and who may speak."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from conformance.checking import expect
from conformance.checking.registry import Look, observation, probe
from conformance.dialect import SESSION_OPERATIONS
from conformance.findings import Blocked, NotApplicable
from conformance.profile import Endpoint
from conformance.trial import calls, discovery
from conformance.trial.sight import Sight
from conformance.trial.told import Told
from conformance.trial.tools import TRANSPORT, is_opened
from conformance.trial.trial import Trial

STRANGERS: Final = ("unauthorized", "unauthenticated", "forbidden", "invalid_token", "missing_token")
"""Codes by which shops say that a call has no credential."""

STABLE: Final = "checkout.session.body.id-stable"


@probe(TRANSPORT)
async def mcp_can_be_initialized(trial: Trial) -> None:
    """`initialize` is answered by a JSON-RPC 2.0 result that says which version of MCP is spoken."""
    await calls.named(trial)
    seen = expect.answered(await trial.tools.opening())
    says = f"initialize was not answered by a result with a protocolVersion that a header can repeat: {seen.label}."
    expect.that(is_opened(seen), says, seen)
    said = seen.document.get("jsonrpc")
    expect.that(said == "2.0", f"The answer to initialize says jsonrpc {said!r}, not '2.0'.", seen, at="$.jsonrpc")


@observation(TRANSPORT, of="tool")
def every_call_is_answered_by_a_message(sight: Sight) -> Iterator[Look]:
    """What is answered to a call with success by HTTP is a JSON-RPC 2.0 message."""
    seen = sight.exchange
    if isinstance(seen, Told) and seen.message is not None:
        said = seen.message.get("jsonrpc")
        yield Look("$.jsonrpc", "" if said == "2.0" else f"The answer to {seen.tool} says jsonrpc {said!r:.80}.")
    elif isinstance(seen, Told) and seen.succeeded:
        yield Look("$", f"{seen.tool} was answered {seen.status} without a JSON-RPC message.")


@probe("mcp.single-endpoint")
async def the_endpoint_is_none_of_rest(trial: Trial) -> None:
    """The path of the MCP endpoint is none of the paths of REST."""
    endpoint = await calls.named(trial)
    at = urlsplit(endpoint.url)
    rest = [urlsplit(trial.profile.merchant.at(operation, "id")) for operation in SESSION_OPERATIONS]
    same = any((at.netloc, at.path.rstrip("/")) == (each.netloc, each.path) for each in rest)
    expect.that(not same, f"{endpoint.url} is a path of REST.")


@probe("mcp.auth-connection-level")
async def the_connection_says_who_calls(trial: Trial) -> None:
    """A create with no more than the credential of the connection is not refused for the want of another."""
    seen = (await calls.openings(trial))[-1]
    expect.answered(seen)
    asked = seen.status in (401, 403) or (seen.error or {}).get("code") in STRANGERS
    expect.that(not asked, f"The credential of the connection is not enough: {seen.label}.", seen)
    if not seen.succeeded:
        raise Blocked(f"A create over MCP was refused: {seen.label}.", seen, by=calls.TAKEN)


@probe("mcp.error.server-auth")
async def who_shows_no_key_is_refused_by_http(trial: Trial) -> None:
    """Without the credential, where the connection has one, `initialize` is answered 401."""
    endpoint = await calls.named(trial)
    await calls.tools(trial)
    if endpoint.key is None and not endpoint.headers:
        raise NotApplicable("The profile names no credential for the MCP endpoint.")
    seen = expect.answered(await trial.toolbox(Endpoint(endpoint.url)).opening())
    expect.that(seen.status == 401, f"initialize without a credential was answered {seen.status}, not 401.", seen)


@probe("mcp.discovery.transports")
async def discovery_tells_of_mcp(trial: Trial) -> None:
    """The discovery document, where there is one, has mcp among its transports (MC-15)."""
    await calls.named(trial)
    seen = await discovery.found(trial)
    told = seen.body.get("$.transports")
    if not isinstance(told, list):
        raise Blocked("The document has no list of transports.", seen, by="discovery.required-members")
    listed = "mcp" in told
    expect.that(listed, f"The transports are {told!r}, without 'mcp'.", seen, at="$.transports")


@probe("mcp.same-state")
async def rest_shows_what_mcp_opened(trial: Trial) -> None:
    """A session that was opened over MCP is read over REST."""
    session = await calls.opened(trial)
    read = await trial.shop.readable()
    if read.seen.body.get("$.id") != (await trial.shop.shared()).id:
        raise Blocked("REST shows its own sessions under another id.", read.seen, by=STABLE)
    seen = expect.answered(await trial.shop.send(trial.shop.retrieving(session)))
    same = seen.succeeded and seen.body.get("$.id") == session.id
    expect.that(same, f"REST does not show the session that MCP opened: {seen.label}.", session.created, seen)
