"""Neighbours: a first shop and its tenants, each for itself, found by a key or by a base path.

Each shop has a file, a stock, a clock, levers and a journal of its own, and its order events are delivered by work of
its own.
"""

from __future__ import annotations

import random
import re
import secrets
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.types import Scope

from acp import headers
from acp.errors import NotFound, ProtocolError, Unauthorized, UsageError
from merchant_mock.app import House, Terms
from merchant_mock.database import remove
from merchant_mock.opening import AS_THE_FIRST, Opening
from merchant_mock.tenants import Tenant
from merchant_mock.wire.exchange import path_of

MOST_TENANTS = 200
"""Shops beside the first one that are open at the same time."""

BASE_PATH = "/t/"
_UNDER_BASE = re.compile(rf"{BASE_PATH}(?P<id>[^/]+)(?P<rest>/.*|)", re.DOTALL)


class TooManyTenants(ProtocolError):
    """No more shops can be opened; one has to be closed first."""

    default_status = 409
    default_code = "too_many_tenants"


class Neighbours:
    """The first shop and its tenants. Raises UsageError when the database cannot be used."""

    def __init__(self, terms: Terms) -> None:
        self._first = Tenant(terms)
        self._tenants: dict[str, Tenant] = {}
        self._by_key = {_digest(key): self._first for key in (terms.api_key, *terms.agents)}
        self._folder: TemporaryDirectory[str] | None = None
        self._made = 0
        self._working = False

    @property
    def base_url(self) -> str:
        """Where the first shop is served."""
        return self._first.terms.base_url

    @property
    def first(self) -> House:
        """The house of the first shop; another one after each reset."""
        return self._first.house

    @property
    def shops(self) -> list[Tenant]:
        """Every shop, the first one first."""
        return [self._first, *self._tenants.values()]

    def of_request(self, scope: Scope) -> Tenant | None:
        """The shop whose key a request carries; None for a key that is none of them, or no key."""
        sent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), None)
        token = headers.bearer_token(sent)
        return self._by_key.get(_digest(token)) if token is not None else None

    def addressed(self, scope: Scope) -> Tenant:
        """As `of_request`, and the first shop for a request without a key. Raises Unauthorized for an unknown key."""
        tenant = self.of_request(scope)
        if tenant is None and any(name == b"authorization" for name, _ in scope["headers"]):
            raise Unauthorized("The key is that of no shop here. POST /_mock/keys gives one.")
        return tenant or self._first

    def under_base(self, scope: Scope) -> tuple[Tenant, Scope] | None:
        """The tenant under whose base path a request asks, and the request as if that were where it is mounted."""
        found = _UNDER_BASE.fullmatch(path_of(scope))
        tenant = self._tenants.get(found["id"]) if found else None
        if tenant is None:
            return None
        return tenant, {**scope, "root_path": f"{scope.get('root_path', '')}{BASE_PATH}{tenant.id}"}

    async def open(self, opening: Opening = AS_THE_FIRST) -> Tenant:
        """Open a shop with a key of its own. Raises TooManyTenants."""
        if len(self._tenants) >= MOST_TENANTS:
            raise TooManyTenants(f"There are {MOST_TENANTS} keys already; give one back with DELETE /_mock/keys/ID.")
        self._made += 1
        tenant = self._tenant(f"t{self._made}", opening)
        self._tenants[tenant.id] = tenant
        self._by_key[_digest(tenant.terms.api_key)] = tenant
        if self._working:
            await tenant.begin()
        return tenant

    async def drop(self, id: str) -> None:
        """Close a tenant's shop and remove its files. Raises NotFound."""
        tenant = self._tenants.pop(id, None)
        if tenant is None:
            raise NotFound("There is no such key.")
        del self._by_key[_digest(tenant.terms.api_key)]
        await tenant.leave()

    async def begin(self) -> None:
        """Begin the work of every shop, also of those that are opened from now on."""
        for tenant in self.shops:
            await tenant.begin()
        self._working = True

    async def end(self) -> None:
        """End that."""
        self._working = False
        for tenant in self.shops:
            await tenant.end()

    def close(self) -> None:
        """Close every shop and remove the files of the tenants; they must not be served any more."""
        for tenant in self.shops:
            tenant.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _tenant(self, id: str, opening: Opening) -> Tenant:
        terms = self._terms(id, opening)
        try:
            return Tenant(terms, id)
        except UsageError as failure:  # such as that no more files may be open
            with suppress(OSError):  # the same want may keep the folder from being read; it goes with the others
                remove(terms.database)
            raise TooManyTenants(f"No other shop can be opened. {failure}") from failure

    def _terms(self, id: str, opening: Opening) -> Terms:
        first = self._first.terms
        seed = opening.seed if opening.seed is not None or first.seed is None else _seed(first.seed, id)
        return replace(
            first,
            database=self._home() / f"{id}.db",
            base_url=f"{first.base_url}{BASE_PATH}{id}",
            api_key=f"acp_tenant_{secrets.token_hex(16) if seed is None else _key(seed, id)}",
            webhook_url=opening.webhook_url or first.webhook_url,
            webhook_secret=opening.webhook_secret or first.webhook_secret,
            agents={},
            seed=seed,
            clock=opening.clock or first.clock.anew(),
            witnesses=(),  # a recording is of the first shop
        )

    def _home(self) -> Path:
        """The folder of the tenants' files, beside the first shop's and gone when the street is closed."""
        if self._folder is None:
            database = self._first.terms.database
            self._folder = TemporaryDirectory(prefix=f"{database.name}.tenants-", dir=database.parent)
        return Path(self._folder.name)


def _digest(key: str) -> bytes:
    """What a key is found by, so that how long that takes says nothing about it."""
    return sha256(key.encode("utf-8", "surrogatepass")).digest()


def _seed(seed: int, id: str) -> int:
    return random.Random(f"{seed}:{id}").getrandbits(32)


def _key(seed: int, id: str) -> str:
    return sha256(f"{seed}:{id}:key".encode()).hexdigest()[:32]
