"""The whole house in one application: the shop with its discovery, the payment provider and an agent's inbox."""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.types import ASGIApp

from acp import server
from acp.errors import UsageError
from acp.server import LOOPBACK, Delivery, Deployment, Drain, MerchantRole, Store, WebhookTarget, static_keys
from acp.server.deployment import random_id
from acp.server.observing import Observers
from acp.server.outbox import PATH as ORDER_EVENTS
from acp.server.outbox.targets import literal
from acp.server.roles import Role
from merchant_mock.aftersales import Aftersales
from merchant_mock.catalogue import Catalogue
from merchant_mock.clearances import Clearances
from merchant_mock.clock import Clock
from merchant_mock.identifiers import SeededIds, next_opening
from merchant_mock.inbox import Inbox
from merchant_mock.keyfile import key_beside
from merchant_mock.levers import Lever, Levers
from merchant_mock.manners.identity import BasePath, ShapedIds
from merchant_mock.misconduct.allowances import CarelessVault
from merchant_mock.misconduct.careless import CarelessPsp, CarelessShop
from merchant_mock.pages import Pages
from merchant_mock.postbag import Postbag
from merchant_mock.psp import MockPsp
from merchant_mock.scenarios.scenario import Scenario
from merchant_mock.scenarios.scenarios import FindSession, Scenarios
from merchant_mock.shop import NAME, Shop
from merchant_mock.stock import Stock
from merchant_mock.wire.capture import Capture, Witness, witnessed
from merchant_mock.wire.stage import Stage

DEMO_KEY = "acp_demo_key"
"""The bearer key of a shop that was given none. It opens nothing but a shop of this kind."""

DEMO_WEBHOOK_SECRET = "acp_demo_webhook_secret"
"""The secret that signs order events where none was given."""

OWNER = "demo-agent"
"""Whom the one bearer key belongs to."""

SPEAKS_MCP = find_spec("mcp") is not None
"""Whether the shop is an MCP server too: the extra `mcp` is installed."""

log = logging.getLogger("merchant_mock")


@dataclass(frozen=True)
class Terms:
    """How a shop is run. `webhook_url` None sends order events to the shop's own inbox.

    `agents` are further bearer keys, each with the name of its owner, who has sessions of their own. `witnesses` are
    told what goes over the wire.
    """

    catalogue: Catalogue
    database: Path
    base_url: str
    api_key: str = field(default=DEMO_KEY, repr=False)
    agents: Mapping[str, str] = field(default_factory=dict, repr=False)
    webhook_url: str | None = None
    webhook_secret: str = field(default=DEMO_WEBHOOK_SECRET, repr=False)
    seed: int | None = None
    clock: Clock = field(default_factory=Clock)
    levers: Sequence[Lever] = ()
    scenarios: Sequence[Scenario] = ()
    observers: Observers = ()
    witnesses: Sequence[Witness] = ()


@dataclass(frozen=True)
class House:
    """A shop ready to be served, with the parts a test or a console may want to look at.

    `front` is what is served: the application behind its levers.
    """

    app: Starlette
    front: ASGIApp
    levers: Levers
    scenarios: Scenarios
    postbag: Postbag
    clock: Clock
    deployment: Deployment
    role: MerchantRole
    shop: Shop
    stock: Stock
    payments: MockPsp
    inbox: Inbox
    clearances: Clearances
    aftersales: Aftersales
    store: Store
    drain: Drain

    def close(self) -> None:
        """Close every file; the application must not be served any more."""
        for part in (self.scenarios, self.clearances, self.payments, self.stock, self.store):
            part.close()


def open_house(terms: Terms) -> House:
    """Build a shop on its terms. Raises UsageError when the database cannot be used."""
    store = Store(terms.database)  # first, because it refuses a file that belongs to something else
    try:
        return _furnished(terms, store)
    except UsageError:
        store.close()
        raise


def _furnished(terms: Terms, store: Store) -> House:
    """A house around its store."""
    stock = Stock(terms.database, terms.catalogue.items.values(), seed=terms.seed)
    clearances = Clearances(terms.database)
    levers = Levers(*terms.levers, clock=terms.clock)
    payments = CarelessPsp(terms.database, CarelessVault(store, levers), levers=levers)
    scenarios = Scenarios(terms.database, _finder(terms, store), terms.scenarios)
    shop = CarelessShop(
        terms.catalogue, stock, clearances, payments,
        levers=levers, scenarios=scenarios, seed=terms.seed, site=terms.base_url,
    )  # fmt: skip
    inbox = Inbox([terms.webhook_secret], say=log.info)
    postbag = Postbag(terms.clock, lambda ids: store.events.redeliver(terms.clock(), ids, delivered=True))
    deployment = _deployment(terms, store, levers, postbag)
    role, drain = server.merchant(shop, deployment), Drain()
    app = server.create_app(
        role,
        *_over_mcp(terms, role, deployment),
        server.discovery(shop.profile, deployment, transports=("rest", "mcp") if SPEAKS_MCP else ("rest",)),
        server.psp(payments, deployment),
        server.agent_host(inbox, deployment),
        Role(Pages(shop, role, store, OWNER, terms.clock).routes),
        server.health(deployment, role, drain=drain),
    )
    return House(
        app=app, front=_front(terms, app, levers, scenarios), levers=levers, scenarios=scenarios, postbag=postbag,
        clock=terms.clock, deployment=deployment, role=role, shop=shop, stock=stock, payments=payments, inbox=inbox,
        clearances=clearances, aftersales=Aftersales(role.orders, payments, stock, terms.clock), store=store,
        drain=drain,
    )  # fmt: skip


def _over_mcp(terms: Terms, role: MerchantRole, deployment: Deployment) -> list[Role]:
    """The shop as an MCP server, where the extra is installed that this takes; else nothing of it is loaded."""
    if not SPEAKS_MCP:
        return []
    from acp.server.mcp import mcp
    from merchant_mock.shelf import Shelf

    return [mcp(role, deployment, name=NAME, products=Shelf(terms.catalogue.products))]


def _front(terms: Terms, app: Starlette, levers: Levers, scenarios: Scenarios) -> ASGIApp:
    """The application behind its levers and scenarios, and before them whoever is told what goes over the wire."""
    stage = BasePath(Stage(app, lambda asked: [*levers.tricks(asked), *scenarios.tricks(asked)]), levers)
    return Capture(stage, terms.witnesses, terms.clock) if terms.witnesses else stage


def _finder(terms: Terms, store: Store) -> FindSession:
    """How scenarios look at a session."""

    def find(id: str) -> Mapping[str, Any] | None:
        found = (store.session(id, owner, terms.clock()) for owner in (OWNER, *terms.agents.values()))
        return next((session.document for session in found if session), None)

    return find


def _deployment(terms: Terms, store: Store, levers: Levers, postbag: Postbag) -> Deployment:
    new_id = random_id if terms.seed is None else SeededIds(terms.seed, next_opening(terms.database))
    target = WebhookTarget(terms.webhook_url or terms.base_url + ORDER_EVENTS, terms.webhook_secret)
    return Deployment(
        store=store,
        keys=static_keys({**terms.agents, terms.api_key: OWNER}),
        clock=terms.clock,
        observers=terms.observers,
        new_id=ShapedIds(new_id, levers),
        fingerprint_key=key_beside(terms.database),
        webhooks=lambda owner: target,
        carriage=witnessed(
            lambda parcel, post: postbag.carry(parcel, partial(levers.carry, post=post)), terms.witnesses, terms.clock
        ),
        draw=random.Random(terms.seed).random,
        delivery=Delivery(networks=_reached(terms)),
    )


def _reached(terms: Terms) -> list[IPv4Network | IPv6Network]:
    """Where order events may go beside the public internet: to this machine, and to the shop's own inbox."""
    own = literal(urlsplit(terms.base_url).hostname or "") if terms.webhook_url is None else None
    return [*LOOPBACK, *([ip_network(own)] if own else [])]
