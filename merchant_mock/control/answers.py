"""The answers of the control API as types; `schema.json` has the same members, and a test holds the two together."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

Object = dict[str, Any]


class Clock(TypedDict):
    """The shop's time (RFC 3339), and whether it stands still."""

    now: str
    stopped: bool


class Followed(Clock):
    """The time; `finished` tells whether all that was due by it has been tried."""

    finished: bool


class Waiting(TypedDict):
    """What waits: events to be delivered, events given up, payments under way."""

    events: int
    dead_letters: int
    payments: int


class Health(TypedDict):
    """How the shop is."""

    status: Literal["ok", "failing"]
    store: Literal["ok", "failed"]
    work: Literal["ok", "not running"]
    waiting: NotRequired[Waiting]


class Version(TypedDict):
    """The versions of the mock and of the protocol."""

    version: str
    api_versions: list[str]


class Endpoint(TypedDict):
    """A route and the definitions of its body, query and answer."""

    method: str
    path: str
    says: str
    accepts: str
    asks: str
    answers: str


class Prepared(TypedDict):
    """A session that was opened, and the order that it led to."""

    session: Object
    order: NotRequired[Object]


class SessionLine(TypedDict):
    """A session in short; `total` is in minor units."""

    number: int
    id: str
    status: str
    currency: str
    total: int
    expires_at: str


class StoredSession(TypedDict):
    """A session as it is stored: revision, payments tried, what it waits for, what was asked, what is answered."""

    id: str
    status: str
    revision: int
    attempts: int
    expires_at: str
    waits_for: list[str]
    asked: Object
    document: Object


class KeptOrder(TypedDict):
    """An order as it stands, and the currency of its amounts."""

    currency: str
    order: Object


class Charge(TypedDict):
    """A charge; `amount` is in minor units."""

    session_id: str
    amount: int
    currency: str
    state: Literal["authorized", "declined", "undecided"]
    refusal: NotRequired[str]


class Side(TypedDict):
    """Headers as name and value, and the body, which is None where it was too large to be kept; `size` in bytes."""

    headers: list[list[str]]
    body: str | None
    size: int


class Broken(TypedDict):
    """The nearest rule that a refused request broke, where it stands, and what was there and is expected."""

    says: str
    section: str
    requirement: NotRequired[str]
    header: NotRequired[str]
    sent: NotRequired[str | None]
    nearest: NotRequired[str]
    definition: NotRequired[str]
    keyword: NotRequired[str]
    at: NotRequired[str]
    found: NotRequired[Any]
    expected: NotRequired[str]


class Request(TypedDict):
    """A request and its answer, without secrets; `milliseconds` are of the shop's clock, `whole` of the answer."""

    id: int
    at: str
    milliseconds: float
    method: str
    url: str
    request: Side
    status: int | None
    whole: bool
    reply: Side
    session_id: NotRequired[str]
    broke: NotRequired[Broken]


class Lever(TypedDict):
    """A fault or a variation."""

    name: str
    area: str
    says: str
    breaks: NotRequired[str]
    disturbs: NotRequired[list[str]]
    reading: NotRequired[str]


class Levers(TypedDict):
    """The names of those that are set, and all that there are."""

    names: list[str]
    known: list[Lever]


class Scenario(TypedDict):
    """A scenario: what it does, what brings it about, since which call, and what a caller sees of it."""

    name: str
    area: str
    says: str
    sends: Object
    expects: Object
    since: NotRequired[str]


class Scenarios(TypedDict):
    """The names of the scenarios that hold for the whole shop, and all that there are."""

    names: list[str]
    known: list[Scenario]


class WebhookLine(TypedDict):
    """What became of an order event."""

    id: int
    order_id: str
    state: Literal["pending", "delivered", "dead"]
    attempts: int
    said: NotRequired[str]
    waits_for: NotRequired[int]
    tried_at: NotRequired[str]
    delivered_at: NotRequired[str]
    next_at: NotRequired[str]


class Webhook(WebhookLine):
    """An order event with its body."""

    event: Object


class Handled(TypedDict):
    """What is to be done to the next order events, and the events that were kept back."""

    handling: Object
    kept_back: list[int]


class Webhooks(Handled):
    """Order events, and what is to be done to the next ones."""

    webhooks: list[WebhookLine]


class KeyLine(TypedDict):
    """A shop with a key of its own."""

    id: str
    base_url: str
    seed: int | None


class Key(KeyLine):
    """A shop of one's own: its key, where it is, its seed and time."""

    api_key: str
    now: str
    stopped: bool
