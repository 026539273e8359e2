"""A tour of everything that can be seen of the shop from outside, each sight under a name.

It asserts nothing: the tests do, and compare what a sound shop shows with what a mutant does.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from tests.independent.keys import RETENTION
from tests.independent.vault import DECLINED_CARD, DECLINED_TOKEN, GOOD_TOKEN
from tests.independent.walk.agent import Exchange
from tests.independent.walk.guide import Guide
from tests.independent.walk.speech import BUYER, choosing, opening, outcome, paying, to, total
from tests.independent.walk.tools_tour import tour_of_tools

REASONS: Final = ("price_sensitivity", "timing_deferred", "a_reason_of_tomorrow")


class Tour(Guide):
    """Leads an agent through the shop."""

    async def go(self) -> dict[str, Exchange]:
        """See everything; the clock is moved last."""
        await self.doors()
        await self.keys()
        await self.carts()
        await self.changes()
        await self.strange_carts()
        await self.payments()
        if self.version.outcomes:
            await self.authentication()
        await self.cancellations()
        await self.vault()
        await self.allowances()
        await self.orders()
        if self.version.manner:
            await tour_of_tools(self)
        await self.trouble()
        await self.later()
        return self.agent.seen

    async def doors(self) -> None:
        """Requests that bring too little, or what the shop does not know."""
        agent, body = self.agent, self.opening()
        known = await agent.do("first", "create", body)
        id = known.body["id"]
        pay = paying(self.version, GOOD_TOKEN)
        await agent.do("create without bearer", "create", body, bearer=None, sound=False)
        await agent.do("create by a stranger", "create", body, bearer="nobody", sound=False)
        await agent.do("retrieve without bearer", "retrieve", id=id, bearer=None)
        await agent.do("update without bearer", "update", {"buyer": BUYER}, id=id, bearer=None)
        await agent.do("complete without bearer", "complete", pay, id=id, bearer=None)
        await agent.do("cancel without bearer", "cancel", id=id, bearer=None)
        await agent.do("retrieve by another", "retrieve", id=id, bearer=agent.profile["other_key"])
        await agent.do("create without version", "create", body, without=["API-Version"])
        await agent.do("create in 1999", "create", body, headers={"API-Version": "1999-01-01"})
        await agent.do("retrieve without version", "retrieve", id=id, without=["API-Version"])
        await agent.do("stale create", "create", body, headers={"Timestamp": "2020-01-01T00:00:00Z"})
        await agent.do("bare create", "create", body, headers={"User-Agent": "-"}, without=["Request-Id"])
        await agent.do("create without language", "create", body, without=["Accept-Language"])
        await agent.do("create without user agent", "create", body, without=["User-Agent"])
        await agent.do("bad JSON", "create", b'{"', sound=False)
        await agent.do("plain text", "create", b"{}", headers={"Content-Type": "text/plain"}, sound=False)
        await agent.do("retrieve unknown", "retrieve", id=id[::-1])
        await agent.do("update unknown", "update", {"buyer": BUYER}, id=id[::-1])
        await agent.do("retrieve first", "retrieve", id=id)
        await agent.ask("discovery", "/.well-known/acp.json")
        await agent.ask("nowhere", "/nowhere")

    async def keys(self) -> None:
        """The same key again, with the same and with another body, and none."""
        agent, body = self.agent, self.opening()
        await agent.do("kept", "create", body, key="K 1")
        await agent.do("kept again", "create", dict(reversed(body.items())), key="K 1")
        await agent.do("conflict", "create", self.opening("second"), key="K 1")
        await agent.do("kept of another", "create", body, key="K 1", bearer=agent.profile["other_key"])
        await agent.do("keyless", "create", body, key=None)
        await agent.do("longest key", "create", body, key="k" * 255)
        await agent.do("too long key", "create", body, key="k" * 256, sound=False)

    async def carts(self) -> None:
        """What a cart can hold, and where it can go."""
        agent, version = self.agent, self.version
        await agent.do("everything", "create", self.opening("in_stock", "second", buyer=BUYER, **to(version)))
        await agent.do("abroad", "create", self.opening(**to(version, "BE")))
        await agent.do("too far", "create", self.opening(**to(version, country="AU")))
        await agent.do("sold out", "create", self.opening("out_of_stock", **to(version)))
        await agent.do("download", "create", self.opening("digital"))
        if version.handler is not None:
            extras = {"locale": "nl-NL", "timezone": "Europe/Amsterdam", "metadata": {"a": None}}
            can = {"interventions": {"supported": ["address_verification", "x_new"]}, "extensions": ["com.example.x"]}
            await agent.do("with extras", "create", self.opening(**extras))
            await agent.do("of tomorrow", "create", {**self.opening(), "capabilities": can}, sound=False)
            await agent.do("unable", "create", {**self.opening(), "capabilities": {}})
            await agent.do("in dollars", "create", {**self.opening(), "currency": "usd"})
            await agent.do("bad e-mail", "create", self.opening(buyer={"email": "nobody"}), sound=False)
        if version.quantity != "refused":
            entry = {"id": self.items["second"], "quantity": 3}
            wrapped = {"id": "a", "item": {"id": self.items["second"]}, "quantity": 3, "totals": []}
            cart = {version.cart: [entry if version.quantity == "required" else wrapped]}
            await agent.do("three", "create", {**self.opening(), **cart}, sound=version.quantity == "required")

    async def changes(self) -> None:
        """Updates, and what they leave behind."""
        agent, version = self.agent, self.version
        session = await self.ready("change")
        id = session["id"]
        await agent.do("buyer", "update", {"buyer": BUYER}, id=id)
        await agent.do("moved", "update", to(version, line_one="Brink 14"), id=id)
        await agent.do("after moving", "retrieve", id=id)
        await agent.do("courier", "update", choosing(version, session, "fietskoerier"), id=id)
        await agent.do("after the courier", "retrieve", id=id)
        await agent.do("unknown option", "update", choosing(version, session, "per duif"), id=id)
        await agent.do("swapped", "update", {version.cart: self.opening("second")[version.cart]}, id=id)
        await agent.do("to Belgium", "update", to(version, "BE"), id=id)
        await agent.do("cart of text", "update", {version.cart: "x"}, id=id, sound=False)
        await agent.do("cleared", "update", {"buyer": None}, id=id, sound=False)
        await agent.do("nothing changed", "update", {}, id=id)

    async def strange_carts(self) -> None:
        """Bodies of a create that are not what they must be."""
        good = self.opening()
        cart = self.version.cart
        (entry,) = good[cart]
        wrong = {
            "no cart": {name: value for name, value in good.items() if name != cart},
            "empty cart": {**good, cart: []},
            "cart of one": {**good, cart: entry},
            "nameless": {**good, cart: [{name: value for name, value in entry.items() if name != "id"}]},
            "listed id": {**good, cart: [{**entry, "id": [entry["id"]]}]},
            "nothing of nothing": {**good, cart: [{**entry, "quantity": 0}]},
            "unknown member": {**good, "x_unknown": 1},
        }
        for name, body in wrong.items():
            await self.agent.do(name, "create", body, sound=False)
        await self.agent.do("unknown item", "create", opening(self.version, "4711"))

    async def payments(self) -> None:
        """Completions that are refused, declined and accepted."""
        agent, version = self.agent, self.version
        early = await agent.do("too early", "create", self.opening())
        await agent.do("complete too early", "complete", paying(version, GOOD_TOKEN), id=early.body["id"])
        session = await self.ready("pay")
        id = session["id"]
        await agent.do("no payment", "complete", {}, id=id, sound=False)
        if version.handler is not None:
            await self.wrong_instruments(id)
        again = await self.ready("decline")
        await agent.do("declined", "complete", paying(version, DECLINED_TOKEN), id=again["id"])
        await agent.do("after the decline", "retrieve", id=again["id"])
        await agent.do("paid at last", "complete", paying(version, GOOD_TOKEN, buyer=BUYER), id=again["id"])
        risks = {"risk_signals": {"ip_address": "192.0.2.1"}} if version.handler is not None else {}
        await agent.do("paid", "complete", paying(version, GOOD_TOKEN, **risks), id=id, key="K 2")
        await agent.do("paid again", "complete", paying(version, GOOD_TOKEN, **risks), id=id, key="K 2")
        await agent.do("paid twice", "complete", paying(version, GOOD_TOKEN), id=id)
        await agent.do("after payment", "retrieve", id=id)
        await agent.do("change after payment", "update", {"buyer": BUYER}, id=id)
        await agent.do("cancel after payment", "cancel", id=id)
        on_bill = await self.ready("billed")
        body = paying(version, GOOD_TOKEN)
        body["payment_data"]["billing_address"] = agent.profile["addresses"]["NL"]
        await agent.do("billed", "complete", body, id=on_bill["id"])

    async def wrong_instruments(self, id: str) -> None:
        """Ways of payment that the shop does not have."""
        good = paying(self.version, GOOD_TOKEN)["payment_data"]
        wrong = {
            "empty payment": {},
            "unknown handler": {**good, "handler_id": "x"},
            "no credential": {**good, "instrument": {"type": "card"}},
            "unknown instrument": {**good, "instrument": {**good["instrument"], "type": "x_unknown"}},
        }
        for name, data in wrong.items():
            paid = {"payment_data": data}
            await self.agent.do(name, "complete", paid, id=id, sound=name.startswith("unknown"))
            await self.agent.do(f"after {name}", "retrieve", id=id)

    async def authentication(self) -> None:
        """An article that is sold only to those whom the issuer recognises."""
        agent, version = self.agent, self.version
        session = await self.ready("3ds", "needs_3ds")
        id, pay = session["id"], paying(version, GOOD_TOKEN)
        await agent.do("3ds: first", "complete", pay, id=id)
        await agent.do("3ds: asked", "retrieve", id=id)
        await agent.do("3ds: without result", "complete", pay, id=id)
        bare = {"authentication_result": {"outcome": "authenticated"}}
        if version.proven:
            await agent.do("3ds: without details", "complete", {**pay, **bare}, id=id, sound=False)
        await agent.do("3ds: denied", "complete", {**pay, **outcome(version, well=False)}, id=id)
        await agent.do("3ds: after denial", "retrieve", id=id)
        await agent.do("3ds: recognised", "complete", {**pay, **outcome(version, well=True)}, id=id)
        if version.handler is not None:
            able = {**self.opening("needs_3ds", **to(version)), "capabilities": {"interventions": {"supported": []}}}
            await agent.do("3ds: unable", "create", able)

    async def cancellations(self) -> None:
        """Giving up, in all the ways there are."""
        agent = self.agent
        open_ = await agent.do("to cancel", "create", self.opening())
        id = open_.body["id"]
        await agent.do("canceled", "cancel", id=id, key="K 3")
        await agent.do("canceled again", "cancel", id=id, key="K 3")
        await agent.do("canceled twice", "cancel", id=id)
        await agent.do("after the cancel", "retrieve", id=id)
        await agent.do("change after the cancel", "update", {"buyer": BUYER}, id=id)
        await agent.do("pay after the cancel", "complete", paying(self.version, GOOD_TOKEN), id=id)
        if self.version.traces:
            for reason in REASONS:
                told = {"reason_code": reason, "trace_summary": "s" * 500, "metadata": {"a": "x", "b": 1, "c": True}}
                await self.cancel(f"because of {reason}", {"intent_trace": told}, sound=reason != REASONS[-1])
            await self.cancel("for no reason", {})
            await self.cancel("with too much said", {"intent_trace": {"trace_summary": "s"}}, sound=False)

    async def vault(self) -> None:
        """Tokens that are minted, and requests for them that are refused."""
        agent, good = self.agent, self.vaulting()
        address = agent.profile["addresses"]["BE"]
        await agent.do("token", "delegate", good, key="K 4")
        await agent.do("token again", "delegate", good, key="K 4")
        await agent.do("token conflict", "delegate", {**good, "metadata": {}}, key="K 4")
        await agent.do("other token", "delegate", {**good, "billing_address": address})
        await agent.do("token without bearer", "delegate", good, bearer=None)
        await agent.do("token for a stranger", "delegate", good, bearer="nobody")
        await agent.do("token in 1999", "delegate", good, headers={"API-Version": "1999-01-01"})
        await agent.do("token from bad JSON", "delegate", b"{", sound=False)
        card, allowance = good["payment_method"], good["allowance"]
        wrong = {
            "no allowance": {name: value for name, value in good.items() if name != "allowance"},
            "month": {**good, "payment_method": {**card, "exp_month": "13"}},
            "year": {**good, "payment_method": {**card, "exp_year": "27"}},
            "cvc": {**good, "payment_method": {**card, "cvc": "12345"}},
            "funding": {**good, "payment_method": {**card, "display_card_funding_type": "charge"}},
            "reason": {**good, "allowance": {**allowance, "reason": "recurring"}},
            "amount": {**good, "allowance": {**allowance, "max_amount": "1"}},
            "expiry": {**good, "allowance": {**allowance, "expires_at": "tomorrow"}},
            "over": {**good, "allowance": {**allowance, "expires_at": "2020-01-01T00:00:00Z"}},
            "country": {**good, "billing_address": {**address, "country": "BEL"}},
            "risk": {**good, "risk_signals": [{"type": "card_testing", "score": 1, "action": "allow"}]},
        }
        for name, body in wrong.items():
            await agent.do(f"token: {name}", "delegate", body, sound=name == "over")

    async def allowances(self) -> None:
        """Tokens that are spent within and beyond what they allow."""
        agent, version = self.agent, self.version
        session = await self.ready("within")
        id, price = session["id"], total(session)
        other = await self.ready("beyond")
        bodies = {
            "too little": self.vaulting(id, price - 1),
            "other session": self.vaulting(other["id"], price),
            "declined card": self.vaulting(id, price, DECLINED_CARD),
            "other money": self.vaulting(id, price),
            "other shop": self.vaulting(id, price),
            "enough": self.vaulting(id, price),
        }
        bodies["other money"]["allowance"]["currency"] = "usd"
        bodies["other shop"]["allowance"]["merchant_id"] = "x"
        for name, body in bodies.items():
            token = (await agent.do(f"allow {name}", "delegate", body)).body["id"]
            await agent.do(f"spend {name}", "complete", paying(version, token), id=id)
        charge = {"amount": 1, "currency": "eur", "merchant_id": agent.profile["merchant_id"]}
        await agent.behind("spend twice", f"/tokens/{token}/redeem", {**charge, "checkout_session_id": id})

    async def orders(self) -> None:
        """What becomes of orders."""
        version = self.version
        for name, items, errands in (
            ("sent", ("in_stock", "second"), (("ship", {"pieces": {"r1": 1}}), ("ship", {}), ("deliver", {}))),
            ("repaid", ("in_stock",), (("refund", {"amount": 100}), ("refund", {}), ("refund", {}))),
            ("dropped", ("in_stock",), (("cancel", {}),)),
            ("loaded", ("digital",), (("ship", {}),)),
        ):
            session = await self.ready(name, *items)
            await self.agent.do(name, "complete", paying(version, GOOD_TOKEN), id=session["id"])
            for number, (errand, body) in enumerate(errands):
                await self.agent.behind(f"{name}: {errand} {number}", f"/orders/{session['id']}/{errand}", body)
            await self.agent.do(f"{name}: after all", "retrieve", id=session["id"])

    async def trouble(self) -> None:
        """A failure of the shop, and the same request once more."""
        await self.agent.behind("trouble", "/trouble", {"status": 503})
        await self.agent.do("failed", "create", self.opening(), key="K 5")
        await self.agent.do("recovered", "create", self.opening(), key="K 5")

    async def later(self) -> None:
        """What holds after a day, and after all keys and tokens are forgotten."""
        agent = self.agent
        session = await self.ready("late")
        token = (await agent.do("late token", "delegate", self.vaulting(session["id"], total(session)))).body["id"]
        await agent.behind("nearly a day", "/clock", {"seconds": int(timedelta(hours=23, minutes=55).total_seconds())})
        await agent.do("kept for a day", "create", self.opening(), key="K 1")
        await agent.behind("the retention", "/clock", {"seconds": int(RETENTION.total_seconds())})
        await agent.do("forgotten", "create", self.opening("second"), key="K 1")
        await agent.behind("two months", "/clock", {"seconds": int(timedelta(days=60).total_seconds())})
        await agent.do("spend too late", "complete", paying(self.version, token), id=session["id"])
