"""What must hold after any campaign, each check a function from the evidence to what is wrong with it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from acp.lifecycle import FINAL, PAYING, Status
from acp.server.pricing import total_due
from tests.chaos.agents import Call, Purchase
from tests.chaos.cards import CHARGED
from tests.chaos.evidence import Evidence, Row
from tests.chaos.receiver import GONE, gone_orders
from tests.chaos.scripts import SCRIPTS

Found = Iterator[tuple[str, str]]
"""The session that something is wrong with, empty for none in particular, and what it is."""

SLACK_SECONDS = 30.0
"""What a machine under load may take longer than a lease before a key counts as stuck."""

REFUSALS = frozenset({405})
"""Refusals an agent of the scripts may meet: its session was finished by another request of its own, or by time."""


@dataclass(frozen=True)
class Violation:
    """A check that failed, where, and why."""

    check: str
    session: str
    what: str

    def __str__(self) -> str:
        return f"{self.check}: {self.what}" + (f" (session {self.session})" if self.session else "")


def one_order_and_one_charge_or_neither(evidence: Evidence) -> Found:
    books = evidence.books
    told = [row["order_id"] for row in books.events if json.loads(row["body"])["type"] == "order_create"]
    sessions = {row["id"]: row["session_id"] for row in books.orders}
    charged = Counter(row["session"] for row in _charged(evidence))
    placed = Counter(row["session"] for row in books.placed)
    ordered = Counter(sessions.values())
    created = Counter(sessions.get(order) for order in told)
    for id in books.sessions.keys() | charged.keys() | placed.keys() | ordered.keys():
        status = books.sessions[id]["status"] if id in books.sessions else "unknown to the store"
        wanted = int(status == Status.COMPLETED)
        counts = (charged[id], placed[id], ordered[id], created[id])
        if counts != (wanted,) * 4:
            what = "it is {} with {} charges, {} orders placed, {} orders stored and {} events of it"
            yield id, what.format(status, *counts)


def one_attempt_charged(evidence: Evidence) -> Found:
    keys = defaultdict(list)
    for row in _charged(evidence):
        keys[row["session"]].append(row["key"])
    for id, several in keys.items():
        if len(several) > 1:
            yield id, f"it was charged under {', '.join(several)}"


def amounts_agree(evidence: Evidence) -> Found:
    placed = {row["session"]: row for row in evidence.books.placed}
    for row in _charged(evidence):
        session, order = evidence.books.sessions.get(row["session"]), placed.get(row["session"])
        if session is None or order is None:
            continue
        amounts = (row["amount"], order["amount"], total_due(session["document"]))
        if len(set(amounts)) > 1:
            yield row["session"], "it was charged {}, ordered for {} and shows {}".format(*amounts)


def order_ids_agree(evidence: Evidence) -> Found:
    placed = {row["session"]: row["id"] for row in evidence.books.placed}
    for row in evidence.books.orders:
        session = evidence.books.sessions.get(row["session_id"])
        shown = session["document"].get("order", {}).get("id") if session else None
        if not placed.get(row["session_id"]) == row["id"] == shown:
            yield row["session_id"], f"{placed.get(row['session_id'])} was placed, {row['id']} stored, {shown} shown"


def agents_were_told_the_truth(evidence: Evidence) -> Found:
    for id, purchase in evidence.known.items():
        stored = evidence.books.sessions.get(id)
        for told in [purchase.seen, *(call.answer.document for call in _answered(purchase))]:
            if stored is None:
                yield id, "it was answered and is not in the store"
                break
            final = told.get("status") in FINAL
            if final and (told["status"], told.get("order")) != (stored["status"], stored["document"].get("order")):
                yield id, f"{told['status']} with order {told.get('order')} was told, {stored['status']} is stored"


def answers_are_right(evidence: Evidence) -> Found:
    for purchase in evidence.purchases:
        for call in _answered(purchase):
            status, wanted = call.answer.status, 201 if call.act.verb == "create" else 200
            if status == wanted:
                continue
            if status not in REFUSALS or purchase.seen.get("status") not in FINAL:
                yield purchase.id, f"{call.act.verb} was answered {status} {call.answer.body.decode()}"


def replays_are_identical(evidence: Evidence) -> Found:
    for purchase in evidence.purchases:
        for call in _answered(purchase):
            for replay in call.replays:
                if (replay.status, replay.body) != (call.answer.status, call.answer.body):
                    yield (
                        purchase.id,
                        f"{call.act.verb} under {call.key} was first answered {call.answer}, then {replay}",
                    )
                elif not replay.replayed:
                    yield purchase.id, f"{call.act.verb} under {call.key} was done again: no Idempotent-Replayed"


def one_session_for_each_opening(evidence: Evidence) -> Found:
    opened = [purchase.id for purchase in evidence.purchases if purchase.id]
    for id, times in Counter(opened).items():
        if times > 1:
            yield id, f"{times} purchases were given it"
    for id in evidence.books.sessions.keys() - set(opened):
        yield id, "nobody was told of it"


def purchases_end_as_their_scripts_may(evidence: Evidence) -> Found:
    for purchase in evidence.purchases:
        ends = SCRIPTS[purchase.script].ends | evidence.also_ends
        if purchase.failure:
            yield purchase.id, f"{purchase.script!r} failed: {purchase.failure}"
        elif purchase.seen["status"] not in ends:
            yield purchase.id, f"{purchase.script!r} ended {purchase.seen['status']}"


def nothing_is_under_way(evidence: Evidence) -> Found:
    for row in evidence.books.intents:
        yield row["session_id"], f"the payment {row['key']} is still under way"
    for id, session in evidence.books.sessions.items():
        if session["status"] in PAYING:
            yield id, f"it is still {session['status']}"


def no_key_is_stuck(evidence: Evidence) -> Found:
    for row in evidence.books.in_flight:
        yield "", f"the key {row['key']} of {row['path']} is still in flight"
    for purchase in evidence.purchases:
        for call in _answered(purchase):
            waited = call.answer.at - max([call.begun, *(at for at in evidence.kills if at <= call.answer.at)])
            if waited > evidence.lease + SLACK_SECONDS:
                yield (
                    purchase.id,
                    f"{call.act.verb} under {call.key} waited {waited:.1f} s, the lease is {evidence.lease} s",
                )


def events_are_delivered(evidence: Evidence) -> Found:
    sessions = {row["id"]: row["session_id"] for row in evidence.books.orders}
    taken = {delivery.body for delivery in evidence.deliveries if _taken(delivery.status) and delivery.signed}
    gone = gone_orders(evidence.deliveries)
    for row in evidence.books.events:
        if row["body"] not in taken and row["order_id"] not in gone:
            yield sessions.get(row["order_id"], ""), f"event {row['id']} of order {row['order_id']} was never taken"
    for delivery in evidence.deliveries:
        if not delivery.signed:
            yield sessions.get(delivery.order_id, ""), f"{delivery.event} came without a good signature"


def events_keep_their_order(evidence: Evidence) -> Found:
    """Of one order, no event is even sent before the one ahead of it was taken, or refused for good."""
    sessions = {row["id"]: row["session_id"] for row in evidence.books.orders}
    wanted: dict[str, list[bytes]] = defaultdict(list)
    for row in evidence.books.events:
        wanted[row["order_id"]].append(row["body"])
    came: dict[str, set[bytes]] = defaultdict(set)
    for delivery in evidence.deliveries:
        order = wanted.get(delivery.order_id, [])
        if delivery.body not in order:
            yield "", f"{delivery.event} of order {delivery.order_id} came and is not stored"
            continue
        missing = set(order[: order.index(delivery.body)]) - came[delivery.order_id]
        if missing:
            yield sessions[delivery.order_id], f"{delivery.event} came before {len(missing)} earlier events were taken"
        if _taken(delivery.status) or delivery.status == GONE:
            came[delivery.order_id].add(delivery.body)


def what_is_set_aside_is_sold(evidence: Evidence) -> Found:
    books, ordered = evidence.books, {row["session"] for row in evidence.books.placed}
    for row in books.claims:
        if not row["sold"]:
            yield row["session"], f"{row['quantity']} {row['item']} are still set aside"
        elif row["session"] not in ordered:
            yield row["session"], f"{row['quantity']} {row['item']} are sold and not ordered"
    claimed = _units((row["session"], row["item"], row["quantity"]) for row in books.claims if row["sold"])
    for id in ordered & books.sessions.keys():
        lines = books.sessions[id]["document"]["line_items"]
        bought = _units((id, line["item"]["id"], line["quantity"]) for line in lines)
        if bought != {slot: units for slot, units in claimed.items() if slot[0] == id}:
            yield id, f"{bought} are ordered, which is not what is sold"


def nothing_is_oversold(evidence: Evidence) -> Found:
    sold: Counter[str] = Counter()
    for row in evidence.books.claims:
        sold[row["item"]] += row["quantity"]
    for row in evidence.books.stock:
        if sold[row["item"]] > row["units"]:
            yield "", f"{sold[row['item']]} {row['item']} went of {row['units']}"


def the_files_are_sound(evidence: Evidence) -> Found:
    for name, result in evidence.books.integrity.items():
        if result != "ok":
            yield "", f"{name}: {result}"


def nothing_was_seen_wrong_meanwhile(evidence: Evidence) -> Found:
    for what in evidence.observed:
        yield "", what


CHECKS: tuple[Callable[[Evidence], Found], ...] = (
    one_order_and_one_charge_or_neither,
    one_attempt_charged,
    amounts_agree,
    order_ids_agree,
    agents_were_told_the_truth,
    answers_are_right,
    replays_are_identical,
    one_session_for_each_opening,
    purchases_end_as_their_scripts_may,
    nothing_is_under_way,
    no_key_is_stuck,
    events_are_delivered,
    events_keep_their_order,
    what_is_set_aside_is_sold,
    nothing_is_oversold,
    the_files_are_sound,
    nothing_was_seen_wrong_meanwhile,
)


def violations(evidence: Evidence) -> list[Violation]:
    """Everything that is wrong."""
    return [
        Violation(check.__name__.replace("_", " "), session, what)
        for check in CHECKS
        for session, what in check(evidence)
    ]


def _charged(evidence: Evidence) -> list[Row]:
    return [row for row in evidence.books.charges if row["outcome"] == CHARGED]


def _answered(purchase: Purchase) -> list[Call]:
    return [call for call in purchase.calls if call.answer is not None]


def _units(rows) -> Counter[tuple[str, str]]:
    units: Counter[tuple[str, str]] = Counter()
    for id, item, quantity in rows:
        units[id, item] += quantity
    return units


def _taken(status: int) -> bool:
    return 200 <= status < 300
