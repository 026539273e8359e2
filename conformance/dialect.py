"""How a version of the protocol is spoken: where an operation is found, and what members carry what.

Three shapes have been published; what differs between them stands here as data, so that a check says "the items" and
not how a version calls them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

OPERATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "create": ("POST", "/checkout_sessions"),
    "retrieve": ("GET", "/checkout_sessions/{id}"),
    "update": ("POST", "/checkout_sessions/{id}"),
    "complete": ("POST", "/checkout_sessions/{id}/complete"),
    "cancel": ("POST", "/checkout_sessions/{id}/cancel"),
    "discover": ("GET", "/.well-known/acp.json"),
    "delegate": ("POST", "/agentic_commerce/delegate_payment"),
}
"""Each operation with its method and its path below the base URL of its role; discovery lies at the root."""

SESSION_OPERATIONS: Final = ("create", "retrieve", "update", "complete", "cancel")
FINAL: Final = ("completed", "canceled", "expired")
"""The statuses that a session never leaves."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One shape of the wire, and the versions that speak it."""

    items: str
    """The member of a request that lists what is bought."""
    quantified: bool
    """Whether a requested line must say how many; later, a line stands for one and may say so."""
    address: str
    """The member that carries the address, itself or inside `details`."""
    details: bool
    selection: str
    declares: bool
    """Whether a create names currency and capabilities."""
    instrument: bool
    """Whether payment is a handler with an instrument; before, a token with a provider."""
    completed: int = 200
    """The status of a completion that succeeded."""
    signature_suffix: str = ""
    """How the header of a signed event ends, where a shop may begin it with its own name."""
    keyed: bool = False
    """Whether every POST needs an idempotency key."""
    conflict: tuple[int, str] = (409, "idempotency_conflict")
    events: tuple[str, str] = ("order_create", "order_update")
    """The types of the event that tells of a new order, and of one that tells of a change."""
    cancel_body: bool = True
    statuses: Sequence[str] = field(default=())

    def create_body(self, lines: Sequence[Mapping[str, Any]], currency: str) -> dict[str, Any]:
        """The least body that opens a session."""
        body: dict[str, Any] = {self.items: [self.line(line) for line in lines]}
        if self.declares:
            body |= {"currency": currency, "capabilities": {}}
        return body

    def line(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """A line of a request for an item of the profile."""
        said = {"id": line["id"]}
        if self.quantified or line.get("quantity", 1) != 1:
            said["quantity"] = line.get("quantity", 1)
        return said

    def address_members(self, address: Mapping[str, Any], contact: Mapping[str, Any]) -> dict[str, Any]:
        """The members that say where to send the goods; `contact` may hold name, phone_number and email."""
        if not self.details:
            return {self.address: dict(address)}
        return {self.address: {**contact, "address": dict(address)}}

    def address_of(self, session: Mapping[str, Any]) -> Mapping[str, Any]:
        """The address that a session shows, empty when it shows none."""
        shown = session.get(self.address)
        shown = shown.get("address") if self.details and isinstance(shown, dict) else shown
        return shown if isinstance(shown, dict) else {}

    def selection_members(self, option: Mapping[str, Any], session: Mapping[str, Any]) -> dict[str, Any]:
        """The members of an update that choose a fulfillment option for every line of a session."""
        if self.selection == "fulfillment_option_id":
            return {self.selection: option.get("id")}
        chosen = {"option_id": option.get("id"), "item_ids": _names(session)}
        if not self.declares:
            return {self.selection: [{"type": option.get("type"), option.get("type"): chosen}]}
        return {self.selection: [{"type": option.get("type"), **chosen}]}


def _names(session: Mapping[str, Any]) -> list[Any]:
    """The ids of the lines, or of their items where the choices of the session name those (A11)."""
    lines = _objects(session.get("line_items"))
    items = [line["item"].get("id") for line in lines if isinstance(line.get("item"), dict)]
    choices = _objects(session.get("selected_fulfillment_options"))
    held = [each for choice in choices for each in _objects([choice, *choice.values()])]
    named = [each["item_ids"] for each in held if isinstance(each.get("item_ids"), list)]
    return items if any(id in ids for ids in named for id in items) else [line.get("id") for line in lines]


def _objects(values: Any) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


_FIRST: Final = ("not_ready_for_payment", "ready_for_payment", "completed", "canceled", "in_progress")
_ALL: Final = (
    "incomplete", "not_ready_for_payment", "requires_escalation", "authentication_required", "ready_for_payment",
    "pending_approval", "complete_in_progress", "completed", "canceled", "in_progress", "expired",
)  # fmt: skip

_ORIGINAL: Final = Dialect(
    items="items", quantified=True, address="fulfillment_address", details=False, selection="fulfillment_option_id",
    declares=False, instrument=False, cancel_body=False, signature_suffix="-Signature", statuses=_FIRST,
)  # fmt: skip
_DETAILED: Final = Dialect(
    items="items", quantified=True, address="fulfillment_details", details=True,
    selection="selected_fulfillment_options", declares=False, instrument=False, signature_suffix="-Signature",
    statuses=(*_FIRST, "authentication_required"),
)  # fmt: skip
_DECLARED: Final = Dialect(
    items="line_items", quantified=False, address="fulfillment_details", details=True,
    selection="selected_fulfillment_options", declares=True, instrument=True, signature_suffix="-Signature",
    statuses=_ALL,
)  # fmt: skip
_NEWEST: Final = Dialect(
    items="line_items", quantified=False, address="fulfillment_details", details=True,
    selection="selected_fulfillment_options", declares=True, instrument=True, keyed=True,
    conflict=(422, "idempotency_conflict"), statuses=_ALL,
)  # fmt: skip

DIALECTS: Final[Mapping[str, Dialect]] = {
    "2025-09-29": _ORIGINAL,
    "2025-12-12": _DETAILED,
    "2026-01-16": _DETAILED,
    "2026-01-30": _DECLARED,
    "2026-04-17": _NEWEST,
}
"""The dialect of each dated version, oldest first."""
