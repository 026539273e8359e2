"""Observations of the session as a whole: its id, its members, its links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from conformance.checking.closed import undeclared
from conformance.checking.registry import Look, observation
from conformance.trial.session import total_of
from conformance.trial.sight import Sight

OPEN: Final = (
    "incomplete", "not_ready_for_payment", "requires_escalation", "authentication_required", "ready_for_payment",
    "pending_approval",
)  # fmt: skip
"""The statuses of a session in which nothing has been paid; in_progress may be said while something is."""


@observation("checkout.session.body.id-stable", of="session", always=True)
def a_session_keeps_its_id(sight: Sight) -> Iterator[Look]:
    """What is answered about a session has the id the session was opened with."""
    id = sight.get("$.id")
    if sight.exchange.session and isinstance(id, str):
        yield Look("$.id", "" if id == sight.exchange.session else f"The session is now called {id[:80]!r}.")


@observation("checkout.session.body.closed-object", of="session", always=True)
def a_session_has_no_other_members(sight: Sight) -> Iterator[Look]:
    """A session has the members of its version and of its extensions; an order also where a schema forgot it (A04)."""
    yield from undeclared(sight, "$", "CheckoutSessionBase", beside=("order",))


@observation("checkout.session.body.no-order-while-open", of="session")
def an_open_session_has_no_order(sight: Sight) -> Iterator[Look]:
    """A session that waits for something has no order yet."""
    status = sight.get("$.status")
    if status in OPEN:
        yield Look("$.order", f"The session is {status} and has an order." if "order" in sight.document.value else "")


@observation("checkout.session.body.currency-matches-request", of="session")
def the_currency_is_the_one_asked_for(sight: Sight) -> Iterator[Look]:
    """The control request of create is answered in the currency that it names, in whatever case."""
    asked, shown, sent = sight.asked.get("currency"), sight.get("$.currency"), sight.exchange
    if sent.operation == "create" and sent.purpose == "control" and _is_code(asked) and _is_code(shown):
        agrees = str(asked).lower() == str(shown).lower()
        yield Look("$.currency", "" if agrees else f"The currency is {shown}, asked for was {asked}.")


@observation("checkout.session.complete.order-present", of="session")
def a_completed_session_has_an_order(sight: Sight) -> Iterator[Look]:
    """A completion whose answer says completed shows the order."""
    if sight.exchange.operation == "complete" and sight.get("$.status") == "completed":
        has = isinstance(sight.get("$.order"), dict)
        yield Look("$.order", "" if has else "The session is completed and shows no order.")


@observation("checkout.session.complete.totals-unchanged", of="session")
def a_completed_session_costs_what_was_shown(sight: Sight) -> Iterator[Look]:
    """The total of a completed session is the one that was shown before it was paid, in minor units."""
    if sight.exchange.operation != "complete" or sight.get("$.status") != "completed" or not sight.before:
        return
    before, now = total_of(sight.before), total_of(sight.document.value)
    if before and now:
        yield Look("$.totals", "" if before == now else f"The total is {now}; before the payment it was {before}.")


@observation("checkout.session.https.links", of="session")
def links_are_https(sight: Sight) -> Iterator[Look]:
    """Links lead to https, but for those to a shop that is tried without it."""
    here = urlsplit(sight.exchange.sent.url)
    for at, url in sight.select("$.links[*].url"):
        plain = isinstance(url, str) and url.lower().startswith("http:")
        if isinstance(url, str) and not (plain and here.scheme == "http" and urlsplit(url).netloc == here.netloc):
            yield Look(at, "The link is not https." if plain else "")


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 3 and value.isalpha()
