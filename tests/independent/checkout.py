"""The five operations on checkout sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from tests.independent.bodies import EMAIL
from tests.independent.catalogue import CURRENCY, GOODS, Good
from tests.independent.clock import Clock
from tests.independent.orders import Order, Piece
from tests.independent.pricing import Line
from tests.independent.reply import Refusal
from tests.independent.session import Notice, Session
from tests.independent.shape import fits
from tests.independent.vault import GOOD_TOKEN, Charge, Declined, Vault
from tests.independent.versions import MERCHANT_ID, Version

BELL: Final = "8712000104116"


class Checkout:
    """Sessions and orders by id; `slip` names the one thing this shop gets wrong, if any.

    Bodies have been checked for their shape. What cannot be done raises Refusal and changes nothing, but that a
    completion which lacks the result of 3D Secure makes the session wait for it.
    """

    def __init__(self, version: Version, clock: Clock, ids: Callable[[], str], vault: Vault, slip: str = "") -> None:
        self.orders: dict[str, Order] = {}
        self._version = version
        self._clock = clock
        self._ids = ids
        self._vault = vault
        self._slip = slip
        self._sessions: dict[str, Session] = {}

    def create(self, owner: str, body: dict[str, Any]) -> Session:
        """Open a session for this caller."""
        if "currency" in body and body["currency"].lower() != CURRENCY:
            raise Refusal(400, "unsupported", "This shop sells in euros.", param="$.currency")
        agent = body.get("capabilities", {}).get("interventions", {}).get("supported", [])
        session = Session(f"{self._ids()}.winkelmand", owner, self._clock.now(), interventions=agent)
        self._apply(session, body)
        self._sessions[session.id] = session
        return session

    def retrieve(self, owner: str, id: str) -> Session:
        """The session of this caller."""
        session = self._sessions.get(id)
        if session is None or session.owner != owner:
            raise Refusal(400 if self._slip == "unknown is a bad request" else 404, "not_found", "No such session.")
        return session

    def update(self, owner: str, id: str, body: dict[str, Any]) -> Session:
        """Change what the body names, and take anew what had been asked for on the way to payment."""
        before = self._open(owner, id)
        session = replace(before, contact=dict(before.contact), notices=[], challenged=False)
        self._apply(session, body)
        self._sessions[id] = session
        if self._slip == "changes are lost":
            kept = before.option_id if before.option else session.option_id
            self._sessions[id] = replace(session, address=before.address or session.address, option_id=kept)
        return session

    def cancel(self, owner: str, id: str) -> Session:
        """Give it up, unless it is over already (405)."""
        session = self.retrieve(owner, id)
        if session.stage != "open" and self._slip != f"{session.stage} is canceled again":
            status = 409 if self._slip == "a late cancel conflicts" else 405
            raise Refusal(status, "conflict", f"The session is {session.stage}.", headers={"Allow": "GET"})
        canceled = replace(session, stage="canceled", notices=[Notice("De winkelmand is geannuleerd.")])
        if self._slip != "cancels are lost":
            self._sessions[id] = canceled
        return canceled

    def complete(self, owner: str, id: str, body: dict[str, Any]) -> Session:
        """Pay for it and place the order; a session that comes back without one tells why in its notices."""
        session = self._open(owner, id)
        if session.status(self._version) not in ("ready_for_payment", "authentication_required"):
            raise Refusal(400, "invalid", "The session cannot be paid yet; its messages and status say why.")
        token = self._token(body)
        session.notices = []
        if session.guarded and not self._recognised(session, body.get("authentication_result")):
            return session
        try:
            self._vault.charge(token, Charge(session.total, CURRENCY, MERCHANT_ID, session.id))
        except Declined as declined:
            return self._unpaid(session, str(declined))
        if "buyer" in body:
            self._name(session, body["buyer"])
        return self._ordered(session)

    def _open(self, owner: str, id: str) -> Session:
        session = self.retrieve(owner, id)
        if session.stage != "open":
            raise Refusal(400, "invalid", f"The session is {session.stage}.")
        return session

    def _apply(self, session: Session, body: dict[str, Any]) -> None:
        if self._version.cart in body:
            session.lines = self._lines(body[self._version.cart])
        if "buyer" in body:
            self._name(session, body["buyer"])
        if self._version.place in body:
            self._send_to(session, body[self._version.place])
        for selection in self._selections(body):
            self._select(session, *selection)
        if session.option is None:
            cheapest = min(session.offers, key=lambda option: option.price, default=None)
            session.option_id = cheapest.id if cheapest and self._version.preselects else None

    def _lines(self, entries: Any) -> list[Line]:
        if self._slip == "one entry needs no list" and isinstance(entries, dict):
            entries = [entries]
        return [
            Line(f"r{number}", self._good(entry, number - 1), int(entry.get("quantity", 1)))
            for number, entry in enumerate(entries, 1)
        ]

    def _good(self, entry: dict[str, Any], index: int) -> Good:
        named = entry.get("item", entry)
        id = named.get("id", BELL) if self._slip == "nameless entries are bells" else named["id"]
        if id not in GOODS:
            raise Refusal(400, "invalid", "This shop does not sell that.", param=f"$.{self._version.cart}[{index}].id")
        return GOODS[id]

    def _name(self, session: Session, buyer: dict[str, Any]) -> None:
        if not fits(EMAIL, buyer["email"]):
            session.notices.append(Notice("Dat e-mailadres klopt niet.", "invalid", "$.buyer.email"))
        elif self._slip == "the account of the shop is the buyer":
            session.buyer = {**buyer, "email": "kassa@rijwielhuis.example"}
        else:
            session.buyer = buyer

    def _send_to(self, session: Session, place: dict[str, Any]) -> None:
        if self._version.place == "fulfillment_address":
            session.address = place
            return
        session.contact |= {name: value for name, value in place.items() if name != "address"}
        if self._slip != "the first address stays" or session.address is None:
            session.address = place.get("address", session.address)

    def _selections(self, body: dict[str, Any]) -> Iterator[tuple[str | None, str, list[str]]]:
        """Type, option and items of each selection of a body; in the oldest version there is only the option."""
        if "fulfillment_option_id" in body:
            yield None, body["fulfillment_option_id"], []
        entries = body.get("selected_fulfillment_options", [])
        if len(entries) > 1:
            raise Refusal(
                400, "invalid", "Everything is shipped one way here.", param="$.selected_fulfillment_options[1]"
            )
        for entry in entries:
            chosen = entry.get(entry["type"]) if self._version.choice == "nested" else entry
            if chosen is None:
                where = f"$.selected_fulfillment_options[0].{entry['type']}"
                raise Refusal(400, "missing", "The selection says nothing of its type.", param=where)
            yield entry["type"], chosen["option_id"], chosen["item_ids"]

    def _select(self, session: Session, kind: str | None, option_id: str, item_ids: list[str]) -> None:
        offered = {option.id: option for option in session.offers}
        if option_id not in offered or kind not in (None, offered[option_id].kind):
            raise Refusal(400, "invalid", "That way of delivery is not on offer.", param=self._choice_param)
        known = {name for line in session.lines for name in (line.id, line.good.id)}
        if not known.issuperset(item_ids):
            raise Refusal(400, "invalid", "Some of these items are not in the cart.", param=self._choice_param)
        if self._slip != "choices are ignored":
            session.option_id = option_id

    @property
    def _choice_param(self) -> str:
        return "$.fulfillment_option_id" if self._version.choice == "one" else "$.selected_fulfillment_options[0]"

    def _token(self, body: dict[str, Any]) -> str:
        """The token to charge, if it comes by a way of payment that this shop has."""
        if self._slip == "buys on account" and "payment_data" not in body:
            return GOOD_TOKEN
        payment = body["payment_data"]
        handler = self._version.handler
        if handler is None:
            return str(payment["token"])
        if payment["handler_id"] != handler["id"]:
            raise Refusal(400, "invalid", "This way of payment is not on offer.", param="$.payment_data.handler_id")
        instrument = payment["instrument"]
        if instrument["type"] != "card" and self._slip != "any instrument will do":
            where = "$.payment_data.instrument.type"
            raise Refusal(400, "invalid", "This kind of instrument is not accepted.", param=where)
        return str(instrument["credential"]["token"])

    def _recognised(self, session: Session, result: dict[str, Any] | None) -> bool:
        """Whether the issuer has recognised the buyer; if not, the session says what is to be done."""
        if result is None:
            self._ask(session)
            return self._slip == "nobody is asked"
        proven = result["outcome"] in self._version.proven or self._slip == "denials need details"
        if proven and "outcome_details" not in result:
            where = "$.authentication_result.outcome_details"
            raise Refusal(400, "missing", "The details of the outcome are needed.", param=where)
        if self._version.outcomes[result["outcome"]]:
            return True
        self._unpaid(session, "De bank heeft de koper niet herkend.")
        return False

    def _ask(self, session: Session) -> None:
        asked_before = session.status(self._version) == "authentication_required"
        if self._slip not in ("nobody is asked", "the question is forgotten"):
            session.challenged = True
        if self._slip != "nobody is asked" and (asked_before or self._version.challenge == "refused"):
            raise Refusal(400, "requires_3ds", "The result of 3D Secure is needed.", param="$.authentication_result")

    def _unpaid(self, session: Session, why: str) -> Session:
        if self._version.declines == "refusal":
            raise Refusal(402, "payment_declined", why)
        session.notices = [Notice(why, "payment_declined", "$.payment_data")]
        return session

    def _ordered(self, session: Session) -> Session:
        order = Order(
            id=f"RW{self._ids()}",
            session_id=session.id,
            pieces=[Piece(line, line.quantity) for line in session.lines],
            amounts=session.amounts,
            address=session.address,
            digital=not session.ships,
        )
        session.stage, session.challenged, session.order = "completed", False, order
        self.orders[order.id] = order
        return session
