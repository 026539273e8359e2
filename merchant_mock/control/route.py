"""A route of the control API as data, and a call of it after everything was checked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from acp.errors import InvalidRequest
from merchant_mock.aftersales import ACTIONS
from merchant_mock.app import House
from merchant_mock.data import table
from merchant_mock.neighbours import Neighbours
from merchant_mock.tenants import Tenant
from schemas.registry import bundled
from schemas.validator import Validator

NOTHING = "Nothing"
ORDERS = "Order_"
"""What the definitions of the actions of `merchant_mock.aftersales` begin with."""


@dataclass(frozen=True)
class Call:
    """One call: for which shop beside which others, the parts of the path, query, body, and the origin asked."""

    neighbours: Neighbours
    tenant: Tenant
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    origin: str

    @property
    def house(self) -> House:
        """The house of the shop as it is now."""
        return self.tenant.house


@dataclass(frozen=True)
class Text:
    """An answer that is plain text."""

    text: str


@dataclass(frozen=True)
class Route:
    """A route: method, path below `/_mock`, what it does in a sentence, and who does it.

    `accepts`, `asks` and `answers` are definitions of `schema.json`: of the body, the query and the answer. `replaces`
    says that whole shops are opened or closed, which waits by itself for whoever is in one.
    """

    method: str
    path: str
    says: str
    does: Callable[[Call], Awaitable[Any]]
    answers: str
    accepts: str = NOTHING
    asks: str = NOTHING
    status: int = 200
    replaces: bool = False

    @property
    def changes(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET"


@cache
def schema() -> dict[str, Any]:
    """The JSON Schemas of the control API: one document, a definition for each message.

    The bodies of what can be done to an order are those of `merchant_mock.aftersales`.
    """
    own = table("control.schema.json")
    actions = {f"{ORDERS}{name}": dict(action.schema) for name, action in ACTIONS.items()}
    return {**own, "$defs": own["$defs"] | actions}


@cache
def validator(definition: str) -> Validator:
    """The validator of a definition of the control API."""
    return Validator("control", definition, bundled({"control": schema()}, "control", definition))


def check(definition: str, value: Any, where: str = "") -> None:
    """Hold a value against a definition. Raises InvalidRequest with the first problem."""
    if not validator(definition).is_valid(value):
        first = validator(definition).problems(value)[0]
        raise InvalidRequest(f"{where}{first.message}", code=first.code, param=first.path)
