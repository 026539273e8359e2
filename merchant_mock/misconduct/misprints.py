"""Faults in how a session is shown: what the shop keeps is right, and what it sends is not.

A misprint gets the session of a reply, the request that it answers, and what the fault remembers of this session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acp.totals import amount_of
from merchant_mock.deeds import Deed, Memory
from merchant_mock.misconduct.figures import moved
from merchant_mock.misconduct.register import misdeed
from merchant_mock.wire.edits import found
from merchant_mock.wire.exchange import CHECKOUT, Asked, Go, Reply

Document = dict[str, Any]
Misprint = Callable[[Document, Asked, Document], Document]


def misprint(shown: Misprint) -> Deed:
    """Register a fault of every session that is shown under the name of its function."""

    async def deed(asked: Asked, go: Go, *, memory: Memory) -> Reply:
        reply = await go(asked)
        if asked.operation not in CHECKOUT or reply.status >= 300:
            return reply
        session = reply.document
        return reply.with_document(shown(session, asked, memory.setdefault(session["id"], {})))

    deed.__name__ = shown.__name__
    return misdeed(deed)


@misprint
def subtotal_includes_delivery(session: Document, asked: Asked, kept: Document) -> Document:
    """Count delivery among the goods."""
    return session | {"totals": moved(session["totals"], subtotal=amount_of(session["totals"], "fulfillment"))}


@misprint
def tax_counted_twice(session: Document, asked: Asked, kept: Document) -> Document:
    """Add the tax to a total that has it."""
    return session | {"totals": moved(session["totals"], total=amount_of(session["totals"], "tax"))}


@misprint
def delivery_missing_from_total(session: Document, asked: Asked, kept: Document) -> Document:
    """Show delivery and leave it out of the sum."""
    return session | {"totals": moved(session["totals"], total=-amount_of(session["totals"], "fulfillment"))}


@misprint
def dearer_option_with_the_old_total(session: Document, asked: Asked, kept: Document) -> Document:
    """Keep the total of the cheapest option."""
    prices = [amount_of(option["totals"], "total") for option in session["fulfillment_options"]]
    more = amount_of(session["totals"], "fulfillment") - min(prices, default=0)
    chosen = len(session["selected_fulfillment_options"]) == 1 and more > 0
    return session | {"totals": moved(session["totals"], total=-more)} if chosen else session


@misprint
def totals_of_the_first_cart(session: Document, asked: Asked, kept: Document) -> Document:
    """Calculate the totals anew for everything but a change of the cart."""
    if asked.operation == "update" and found(asked.document, "$.line_items"):
        kept["stale"] = kept.get("totals", session["totals"])
    elif asked.operation in ("create", "update"):
        kept["totals"] = session["totals"]
        kept.pop("stale", None)
    return session | {"totals": kept.get("stale", session["totals"])}


@misprint
def options_of_the_first_address(session: Document, asked: Asked, kept: Document) -> Document:
    """Ask the carriers once."""
    door = ("shipping", "local_delivery")
    if any(option["type"] in door for option in session["fulfillment_options"]):
        kept.setdefault("options", session["fulfillment_options"])
    return session | {"fulfillment_options": kept.get("options", session["fulfillment_options"])}


@misprint
def messages_never_go_away(session: Document, asked: Asked, kept: Document) -> Document:
    """Add to the messages and never take one away."""
    said = kept.setdefault("messages", [])
    said += [message for message in session["messages"] if message not in said]
    return session | {"messages": list(said)}


@misprint
def agent_interventions_echoed(session: Document, asked: Asked, kept: Document) -> Document:
    """Return what the agent declared as what both can do."""
    for declared in found(asked.document, "$.capabilities.interventions.supported"):
        kept["declared"] = declared
    if "declared" in kept:
        session["capabilities"]["interventions"]["supported"] = kept["declared"]
    return session


@misprint
def trace_readable(session: Document, asked: Asked, kept: Document) -> Document:
    """Keep the reason of a cancellation with the session, and show it with the rest."""
    return _readable("intent_trace", session, asked, kept)


@misprint
def attribution_readable(session: Document, asked: Asked, kept: Document) -> Document:
    """Keep an affiliate's claim with the session, and show it with the rest."""
    return _readable("affiliate_attribution", session, asked, kept)


def _readable(member: str, session: Document, asked: Asked, kept: Document) -> Document:
    for told in found(asked.document, f"$.{member}"):
        kept[member] = told
    return session | kept if asked.operation == "retrieve" else session
