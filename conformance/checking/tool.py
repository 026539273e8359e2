"""What a probe expects of a tool call over MCP."""

from __future__ import annotations

from conformance.checking.expect import answered
from conformance.findings import Blocked, Broken
from conformance.trial.told import Told


def taken(seen: Told, what: str) -> dict[str, object]:
    """It was answered by a result with a session, which is returned. Raises Blocked where the result has none."""
    answered(seen)
    if not seen.succeeded:
        raise Broken(f"{what} was refused: {seen.label}{_said(seen)}.", seen)
    if seen.shown is None:
        raise Blocked(f"{what} was answered without a session: {seen.label}.", seen, by="mcp.result.session")
    return seen.shown


def turned_down(seen: Told, what: str) -> Told:
    """It was answered by an error, in JSON-RPC or as a result that is marked as one."""
    answered(seen)
    if seen.message is None:
        raise Broken(f"{what} was answered by no JSON-RPC message: {seen.label}.", seen)
    if not seen.refused:
        raise Broken(f"{what} was taken: {seen.label}.", seen)
    return seen


def _said(seen: Told) -> str:
    """The code of the error, which often tells the cause."""
    code = (seen.error or {}).get("code")
    return f" ({code})" if isinstance(code, str) and len(code) < 60 else ""
