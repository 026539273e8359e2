"""Whether a server lives and whether it should be sent requests: `GET /livez` and `GET /readyz`.

Neither needs a key nor says more than a word about each thing that was looked at; the log has the rest. Readiness costs
the store at most one small commit a second, however often it is asked for.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from acp import headers
from acp.server.store import Store, StoreUnavailable

log = logging.getLogger("acp.server")

STORE_SECONDS = 2.0
"""How long the store may take over a read and a commit before it counts as failed."""

FRESH_SECONDS = 1.0
"""How long what the store answered is believed."""

OK = "ok"


class Drain:
    """The end of a server's service: once begun, readiness is refused and everything else still answered."""

    def __init__(self) -> None:
        self.begun = False

    def begin(self) -> None:
        """Stop being ready. Call it before the server stops taking connections."""
        self.begun = True


class Health:
    """The two probes. `alive` tells whether the work beside the requests goes on."""

    def __init__(
        self,
        store: Store,
        alive: Callable[[], bool],
        drain: Drain,
        *,
        seconds: float = STORE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._alive = alive
        self._drain = drain
        self._seconds = seconds
        self._clock = clock
        self._probe: asyncio.Task[str] | None = None
        self._fresh_until = 0.0

    @property
    def routes(self) -> list[Route]:
        """The routes of both probes."""
        return [Route("/livez", self.live), Route("/readyz", self.ready)]

    async def live(self, request: Request) -> Response:
        """200, for only a process that answers can say it."""
        return _said(200, {"status": "live"})

    async def ready(self, request: Request) -> Response:
        """200 when the store can be read and written, the work goes on and no drain has begun; else 503 and which."""
        checks = {
            "store": await self._store_answers(),
            "work": OK if self._alive() else "not running",
            "drain": "draining" if self._drain.begun else OK,
        }
        ready = all(said == OK for said in checks.values())
        return _said(200 if ready else 503, {"status": "ready" if ready else "not ready", "checks": checks})

    async def _store_answers(self) -> str:
        """What the store said last, if that is fresh; whoever asks meanwhile waits for the same answer."""
        if self._probe is None or (self._probe.done() and self._clock() >= self._fresh_until):
            self._probe = asyncio.create_task(self._ask_store())
        return await asyncio.shield(self._probe)

    async def _ask_store(self) -> str:
        try:
            async with asyncio.timeout(self._seconds):
                await self._store.probe()
        except TimeoutError:
            return f"no answer within {self._seconds:g} s"
        except StoreUnavailable:
            return "failed"  # the store has said in the log what is wrong
        except Exception:  # a probe says that the store failed, however it did
            log.exception("the store cannot be used")
            return "failed"
        finally:
            self._fresh_until = self._clock() + FRESH_SECONDS
        return OK


def _said(status: int, document: Mapping[str, object]) -> Response:
    return Response(orjson.dumps(document), status, media_type=headers.JSON, headers={"Cache-Control": "no-store"})
