"""What can be asked of the control API, each call written once: `Control` waits for it, `AsyncControl` awaits it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypedDict, TypeVar, Unpack, cast, overload

from acp.client.parties import path_segment
from merchant_mock.control import answers
from merchant_mock.control.answers import Object

if TYPE_CHECKING:
    from merchant_mock.control.client import AsyncControl, Control

P = ParamSpec("P")
T = TypeVar("T")

Moment = datetime | str
Count = int | Literal["all"]


@dataclass(frozen=True)
class Ask(Generic[T]):
    """One request: its path below `/_mock`, query and body, and which member of the answer is wanted, if not all."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    member: str | None = None

    def answer(self, document: Any) -> T:
        """The answer as the call returns it."""
        return cast("T", document if self.member is None else document[self.member])


class Called(Generic[P, T]):
    """A call as a method of both clients."""

    def __init__(self, ask: Callable[P, Ask[T]]) -> None:
        self._ask = ask
        self.__doc__ = ask.__doc__

    @overload
    def __get__(self, client: Control, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: AsyncControl, owner: type) -> Callable[P, Awaitable[T]]: ...
    @overload
    def __get__(self, client: None, owner: type) -> Called[P, T]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        """The call, bound to a client."""
        if client is None:
            return self
        ask = self._ask

        def call(*args: P.args, **kwargs: P.kwargs) -> Any:
            return client.send(ask(*args, **kwargs))

        return update_wrapper(call, ask)


class Which(TypedDict, total=False):
    """Which requests are meant; see `requests`."""

    method: str
    path: str
    status: int | str
    session: str
    header: str
    text: str
    since: Moment
    after: int
    refused: bool


class Calls:
    """The calls of the control API. They raise ProtocolError for a refusal, after which nothing has changed."""

    @Called
    @staticmethod
    def reset() -> Ask[answers.Clock]:
        """Start afresh: nothing sold, clock and levers as the shop was opened, the same ids again; the time it is then.

        >>> control.reset()["stopped"]
        False
        """
        return Ask("POST", "/reset")

    @Called
    @staticmethod
    def health() -> Ask[answers.Health]:
        """Whether the store answers and the background work runs, and what waits."""
        return Ask("GET", "/health")

    @Called
    @staticmethod
    def version() -> Ask[answers.Version]:
        """The versions of the mock and of the protocol."""
        return Ask("GET", "/version")

    @Called
    @staticmethod
    def endpoints() -> Ask[list[answers.Endpoint]]:
        """What the control API can do."""
        return Ask("GET", "/", member="endpoints")

    @Called
    @staticmethod
    def clock() -> Ask[answers.Clock]:
        """The shop's time, and whether it stands still."""
        return Ask("GET", "/clock")

    @Called
    @staticmethod
    def advance(by: timedelta | float | str) -> Ask[answers.Followed]:
        """Move the time forward by a timedelta, seconds, or an ISO 8601 duration; what is due by then is done.

        >>> control.advance("P1D")["finished"]
        True
        """
        if isinstance(by, str):
            return Ask("POST", "/clock/advance", {"duration": by})
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        return Ask("POST", "/clock/advance", {"seconds": seconds})

    @Called
    @staticmethod
    def set_clock(at: Moment | None = None, *, stopped: bool | None = None) -> Ask[answers.Followed]:
        """Set the time, stop it or let it run on; what is due by then is done."""
        return Ask("PUT", "/clock", _given(at=_text(at), stopped=stopped))

    @Called
    @staticmethod
    def stock() -> Ask[dict[str, int | None]]:
        """The units left of each item; None for what never runs out."""
        return Ask("GET", "/stock", member="stock")

    @Called
    @staticmethod
    def set_stock(units: Mapping[str, int | None]) -> Ask[dict[str, int | None]]:
        """Count items anew.

        >>> control.set_stock({"mug-blue": 1})
        {'mug-blue': 1}
        """
        return Ask("POST", "/seed/stock", {"stock": dict(units)}, member="stock")

    @Called
    @staticmethod
    def open_session(*items: str | Mapping[str, Any], **members: Any) -> Ask[Object]:
        """Open a session for items or line items; members of the protocol that are left out are filled in.

        >>> control.open_session("mug-blue")["status"]
        'ready_for_payment'
        """
        return Ask("POST", "/seed/sessions", {"line_items": _lines(items), **members}, member="session")

    @Called
    @staticmethod
    def place_order(*items: str | Mapping[str, Any], **members: Any) -> Ask[answers.Prepared]:
        """Make a purchase from beginning to end; `card` is the number of the card that pays.

        >>> control.place_order("mug-blue")["order"]["status"]
        'confirmed'
        """
        return Ask("POST", "/seed/orders", {"line_items": _lines(items), **members})

    @Called
    @staticmethod
    def sessions(
        *, status: str | None = None, after: int | None = None, limit: int | None = None
    ) -> Ask[list[answers.SessionLine]]:
        """Checkout sessions, oldest first; `after` is the number of one."""
        return Ask("GET", "/sessions", query=_given(status=status, after=after, limit=limit), member="sessions")

    @Called
    @staticmethod
    def session(id: str) -> Ask[answers.StoredSession]:
        """One session as it is stored. Raises NotFound."""
        return Ask("GET", f"/sessions/{path_segment(id)}")

    @Called
    @staticmethod
    def expire(session_id: str) -> Ask[answers.StoredSession]:
        """Let an open session's time be over now."""
        return Ask("POST", f"/sessions/{path_segment(session_id)}/expire")

    @Called
    @staticmethod
    def settle(session_id: str, what: str | None = None) -> Ask[answers.StoredSession]:
        """Do outside the protocol what a session waits for: all, or confirmed, age_verified, approved or prepared."""
        return Ask("POST", f"/sessions/{path_segment(session_id)}/settle", _given(what=what))

    @Called
    @staticmethod
    def orders(session: str | None = None) -> Ask[list[Object]]:
        """Every order as it stands, or that of a session."""
        return Ask("GET", "/orders", query=_given(session=session), member="orders")

    @Called
    @staticmethod
    def order(id: str) -> Ask[answers.KeptOrder]:
        """One order. Raises NotFound."""
        return Ask("GET", f"/orders/{path_segment(id)}")

    @Called
    @staticmethod
    def act(order_id: str, action: str, **arguments: Any) -> Ask[answers.KeptOrder]:
        """Do something to an order after the purchase: ship, deliver, cancel, return, refund, dispute and others.

        >>> control.act(order_id, "ship", carrier="UPS")["order"]["status"]
        'shipped'
        """
        return Ask("POST", f"/orders/{path_segment(order_id)}/{path_segment(action)}", arguments)

    @Called
    @staticmethod
    def charges() -> Ask[list[answers.Charge]]:
        """What the payment provider was asked to charge, and what came of it."""
        return Ask("GET", "/charges", member="charges")

    @Called
    @staticmethod
    def charge(token: str, amount: int, currency: str, **otherwise: Any) -> Ask[answers.Charge]:
        """Have a token charged, in minor units; `otherwise`: checkout_session_id, merchant_id. Raises ProtocolError.

        >>> control.charge("vt_test_succeeds", 100, "usd")["state"]
        'authorized'
        """
        return Ask("POST", "/charges", {"token": token, "amount": amount, "currency": currency, **otherwise})

    @Called
    @staticmethod
    def requests(*, limit: int | None = None, **which: Unpack[Which]) -> Ask[list[answers.Request]]:
        """The last requests that are meant, in the order of asking.

        `path` may hold `*`, `status` be a class such as `4xx`, `header` be `name: text`; `text` stands in a body.

        >>> [request["broke"]["at"] for request in control.requests(status="4xx")]
        ['$.line_items']
        """
        return Ask("GET", "/requests", query=_which(which) | _given(limit=limit), member="requests")

    @Called
    @staticmethod
    def count(**which: Unpack[Which]) -> Ask[int]:
        """How many of the requests that are kept are meant."""
        return Ask("GET", "/requests/count", query=_which(which), member="count")

    @Called
    @staticmethod
    def request(id: int) -> Ask[answers.Request]:
        """One request. Raises NotFound."""
        return Ask("GET", f"/requests/{id}")

    @Called
    @staticmethod
    def curl(id: int) -> Ask[str]:
        """One request as a command line, to be pasted into bash or zsh; its secrets are variables."""
        return Ask("GET", f"/requests/{id}", query={"as": "curl"})

    @Called
    @staticmethod
    def har(*, limit: int | None = None, **which: Unpack[Which]) -> Ask[Object]:
        """The last requests that are meant as an HTTP archive (HAR 1.2)."""
        return Ask("GET", "/requests", query=_which(which) | _given(limit=limit) | {"as": "har"})

    @Called
    @staticmethod
    def forget_requests() -> Ask[Object]:
        """Forget the requests so far."""
        return Ask("DELETE", "/requests")

    @Called
    @staticmethod
    def faults() -> Ask[answers.Levers]:
        """The faults that are set, and all that there are."""
        return Ask("GET", "/faults")

    @Called
    @staticmethod
    def set_faults(*names: str) -> Ask[answers.Levers]:
        """Set these faults and no others."""
        return Ask("PUT", "/faults", {"names": names})

    @Called
    @staticmethod
    def variations() -> Ask[answers.Levers]:
        """The variations that are set, and all that there are."""
        return Ask("GET", "/variations")

    @Called
    @staticmethod
    def set_variations(*names: str) -> Ask[answers.Levers]:
        """Set these variations and no others."""
        return Ask("PUT", "/variations", {"names": names})

    @Called
    @staticmethod
    def scenarios() -> Ask[answers.Scenarios]:
        """The scenarios that hold for the whole shop, and all that there are."""
        return Ask("GET", "/scenarios")

    @Called
    @staticmethod
    def set_scenarios(*names: str) -> Ask[answers.Scenarios]:
        """Have these scenarios hold for the whole shop, and no others."""
        return Ask("PUT", "/scenarios", {"names": names})

    @Called
    @staticmethod
    def webhooks(*, state: str | None = None, order: str | None = None) -> Ask[answers.Webhooks]:
        """Order events, what became of each, and what is to be done to the next ones."""
        return Ask("GET", "/webhooks", query=_given(state=state, order=order))

    @Called
    @staticmethod
    def webhook(id: int) -> Ask[answers.Webhook]:
        """One order event with its body. Raises NotFound."""
        return Ask("GET", f"/webhooks/{id}")

    @Called
    @staticmethod
    def redeliver(*ids: int) -> Ask[list[int]]:
        """Send order events again, also delivered ones; all of them without ids. Which were sent."""
        return Ask("POST", "/webhooks/redeliver", {"ids": ids} if ids else {}, member="redelivered")

    @Called
    @staticmethod
    def delay_webhooks(seconds: float, count: Count = 1) -> Ask[answers.Handled]:
        """Hold the next order events back for so many seconds of the shop's clock."""
        return Ask("POST", "/webhooks/delay", {"seconds": seconds, "count": count})

    @Called
    @staticmethod
    def duplicate_webhooks(times: int = 2, count: Count = 1) -> Ask[answers.Handled]:
        """Send the next order events several times."""
        return Ask("POST", "/webhooks/duplicate", {"times": times, "count": count})

    @Called
    @staticmethod
    def reorder_webhooks(count: Count = 1) -> Ask[answers.Handled]:
        """Let the next order events give way each to the one after it; 0 sends what was kept back."""
        return Ask("POST", "/webhooks/reorder", {"count": count})

    @Called
    @staticmethod
    def corrupt_webhooks(what: str = "signature", count: Count = 1) -> Ask[answers.Handled]:
        """Spoil the next order events: signature, no_signature, body, old or truncated."""
        return Ask("POST", "/webhooks/corrupt", {"what": what, "count": count})

    @Called
    @staticmethod
    def known_keys() -> Ask[list[answers.KeyLine]]:
        """The shops that were opened with a key of their own."""
        return Ask("GET", "/keys", member="keys")

    @Called
    @staticmethod
    def new_key(**otherwise: Any) -> Ask[answers.Key]:
        """Open a shop of one's own; `otherwise`: seed, clock, webhook_url, webhook_secret.

        >>> mine = Control(control.new_key(seed=7)["base_url"])
        """
        return Ask("POST", "/keys", otherwise)

    @Called
    @staticmethod
    def drop_key(id: str) -> Ask[Object]:
        """Close that shop and forget all about it. Raises NotFound."""
        return Ask("DELETE", f"/keys/{path_segment(id)}")


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _lines(items: Iterable[str | Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": item} if isinstance(item, str) else dict(item) for item in items]


def _which(which: Which) -> dict[str, Any]:
    return {name: _text(value) for name, value in which.items() if value is not None}


def _text(value: Any) -> Any:
    """A value as a query or a body has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime) else value
