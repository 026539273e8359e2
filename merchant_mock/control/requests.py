"""The journal of requests: searched, counted, as curl or HAR, forgotten."""

from __future__ import annotations

from typing import Any

from acp.errors import NotFound
from merchant_mock.control.clock import moment
from merchant_mock.control.route import Call, Route, Text
from merchant_mock.journal import Entry, Search
from merchant_mock.journal.curl import curl
from merchant_mock.journal.har import har

LIMIT = 100


async def several(call: Call) -> Any:
    """Find exchanges."""
    found = _meant(call)[-int(call.query.get("limit", LIMIT)) :]
    return _shown(call, found) or {"requests": [entry.to_dict() for entry in found]}


async def count(call: Call) -> dict[str, Any]:
    """Count exchanges."""
    return {"count": len(_meant(call))}


async def one(call: Call) -> Any:
    """Tell one exchange."""
    id = call.params["id"]
    entry = call.tenant.journal.find(int(id)) if id.isascii() and id.isdigit() and len(id) < 10 else None
    if entry is None:
        raise NotFound("There is no such request; the journal keeps the last ones only.")
    return _shown(call, [entry]) or entry.to_dict()


async def forget(call: Call) -> dict[str, Any]:
    """Empty the journal."""
    call.tenant.journal.clear()
    return {}


def _meant(call: Call) -> list[Entry]:
    query = call.query
    search = Search(
        **{name: query[name] for name in ("method", "path", "status", "session", "header", "text") if name in query},
        since=moment(query["since"], "$.since") if "since" in query else None,
        after=int(query["after"]) if "after" in query else None,
        refused=query["refused"] == "true" if "refused" in query else None,
    )
    return search.among(call.tenant.journal)


def _shown(call: Call, entries: list[Entry]) -> Any:
    """The exchanges in the form that is asked for; None for the usual one."""
    match call.query.get("as"):
        case "curl":
            return Text("\n".join(curl(entry, call.origin) for entry in entries))
        case "har":
            return har(entries, call.origin)
        case _:
            return None


ROUTES = [
    Route(
        "GET",
        "/requests",
        "What was asked of the shop, the last ones that are meant.",
        several,
        "Requests",
        asks="RequestsQuery",
    ),
    Route(
        "GET", "/requests/count", "How many of the requests that are kept are meant.", count, "Count", asks="CountQuery"
    ),
    Route(
        "GET",
        "/requests/{id}",
        "One request with its answer and, if it was refused, the rule it broke.",
        one,
        "Request",
        asks="RequestQuery",
    ),
    Route("DELETE", "/requests", "Forget the requests so far.", forget, "Nothing"),
]
