"""The back door of the shop, for testers on this machine: orders are handled, time passes, things go wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.independent.bodies import check
from tests.independent.courier import Receiver
from tests.independent.house import House, Trouble
from tests.independent.order_view import order_body
from tests.independent.orders import Order
from tests.independent.profile import CONTROL_PATH, profile
from tests.independent.reply import Refusal, Reply
from tests.independent.shape import Anything, Object, Primitive, Shape, Text, Whole
from tests.independent.vault import Charge, Declined

LOOPBACK: Final = ("127.0.0.1", "::1")

Answer = Callable[[House, Mapping[str, Any], Any], Awaitable[Reply]]
"""What is done at one path: with the house, the parameters of the path and the body."""

PIECES: Final = Object(optional={"pieces": Object(rest=Whole(1))})


async def _order(house: House, params: Mapping[str, Any], body: Any) -> Reply:
    orders = house.checkout.orders.values()
    found = next((order for order in orders if params["id"] in (order.id, order.session_id)), None)
    if found is None:
        raise Refusal(404, "not_found", f"There is no order {params['id']}.")
    shape, handle = _ERRANDS[params["errand"]]
    check(shape, body)
    handle(house, found, body)
    house.changed(found)
    await house.courier.settle()
    return Reply(200, order_body(found, house.version))


async def _orders(house: House, params: Mapping[str, Any], body: Any) -> Reply:
    return Reply(200, {"orders": [order.id for order in house.checkout.orders.values()]})


async def _clock(house: House, params: Mapping[str, Any], body: Any) -> Reply:
    check(Object({"seconds": Whole(0)}), body)
    house.clock.advance(timedelta(seconds=body["seconds"]))
    return Reply(200, {"now": house.clock.now().isoformat()})


async def _trouble(house: House, params: Mapping[str, Any], body: Any) -> Reply:
    check(Object(optional={"wait": Primitive(), "status": Whole(500)}), body)
    house.trouble = Trouble(float(body.get("wait", 0)), body.get("status"))
    return Reply(200, {})


async def _receiver(house: House, params: Mapping[str, Any], body: Any) -> Reply:
    check(Object({"url": Text()}, {"secret": Text()}), body)
    house.courier.receiver = Receiver(body["url"], body.get("secret", house.courier.receiver.secret))
    return Reply(200, {})


async def _redeem(house: House, params: Mapping[str, Any], body: Any) -> Reply:
    texts = {name: Text() for name in ("currency", "merchant_id", "checkout_session_id")}
    check(Object({"amount": Whole(1), **texts}), body)
    charge = Charge(body["amount"], body["currency"], body["merchant_id"], body["checkout_session_id"])
    try:
        house.vault.charge(params["token"], charge)
    except Declined as declined:
        raise Refusal(402, "payment_declined", str(declined)) from declined
    return Reply(200, {"charged": body["amount"]})


async def _profile(house: House, params: Mapping[str, Any], body: Any) -> Reply:
    return Reply(200, profile(house, params["origin"]))


_ERRANDS: Final[Mapping[str, tuple[Shape, Callable[[House, Order, Any], None]]]] = {
    "ship": (PIECES, lambda house, order, body: order.ship(body.get("pieces"), house.clock.now())),
    "deliver": (Anything(), lambda house, order, body: order.deliver(house.clock.now())),
    "cancel": (PIECES, lambda house, order, body: order.cancel(body.get("pieces"), house.clock.now())),
    "refund": (
        Object(optional={"amount": Whole(1)}),
        lambda house, order, body: order.refund(body.get("amount"), house.clock.now()),
    ),
}

_PATHS: Final[tuple[tuple[str, str, Answer], ...]] = (
    ("POST", "/orders/{id}/{errand:str}", _order),
    ("GET", "/orders", _orders),
    ("POST", "/clock", _clock),
    ("POST", "/trouble", _trouble),
    ("PUT", "/receiver", _receiver),
    ("POST", "/tokens/{token}/redeem", _redeem),
    ("GET", "/profile", _profile),
)


def routes(house: House) -> list[Route]:
    """The back door of one house."""
    return [Route(CONTROL_PATH + path, _endpoint(house, answer), methods=[method]) for method, path, answer in _PATHS]


def _endpoint(house: House, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            reply = await _local(request, house, answer)
        except Refusal as refusal:
            reply = refusal.reply()
        return Response(orjson.dumps(reply.body), reply.status, media_type="application/json")

    return endpoint


async def _local(request: Request, house: House, answer: Answer) -> Reply:
    if request.client is None or request.client.host not in LOOPBACK:
        raise Refusal(403, "forbidden", "This door opens to the machine itself only.")
    params = {**request.path_params, "origin": str(request.base_url).rstrip("/")}
    if params.get("errand", "ship") not in _ERRANDS:
        raise Refusal(404, "not_found", f"An order can be told to {', '.join(_ERRANDS)}.")
    raw = await request.body()
    try:
        body = orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError as error:
        raise Refusal(400, "invalid_json", f"The body is not JSON: {error}.") from error
    return await answer(house, params, body)
