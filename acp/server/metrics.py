"""Metrics for Prometheus (needs the extra `metrics`): an observer that counts, and `GET /metrics` that shows it.

    counted = Metrics(store)
    deployment = Deployment(store, keys, observers=[counted])
    app = create_app(merchant(shop, deployment), counted.role)

Labels take few values: a path is a template, an owner is never one, and of error codes the first `MOST_CODES` are told
apart. Each process counts for itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

try:
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
    from prometheus_client.core import GaugeMetricFamily, Metric
    from prometheus_client.exposition import choose_encoder
    from prometheus_client.registry import Collector
except ModuleNotFoundError as missing:
    raise ImportError('Metrics need the extra "metrics": pip install "agentic-commerce[metrics]".') from missing

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from acp.server.deployment import utc_now
from acp.server.observing import Answered, Asked, Observer
from acp.server.roles import Role
from acp.server.store import Store, StoreUnavailable

log = logging.getLogger("acp.server")

MOST_CODES = 64
"""Error codes that are told apart; a backend may make up its own, and those past this number are `other`."""

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""The bounds of the buckets in which the durations of requests are counted."""


class Metrics(Observer):
    """Counts what a deployment does. What waits in the store is read from it whenever the metrics are asked for."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Waiting(store, clock))
        self._codes: set[str] = set()
        self._requests = self._counter("acp_requests", "Requests answered.", "method", "path", "status", "code")
        self._replays = self._counter("acp_replays", "Requests answered as before.", "method", "path")
        self._payments = self._counter("acp_payments", "Payments tried.", "outcome")
        self._deliveries = self._counter("acp_webhook_deliveries", "Order events sent.", "result")
        self._in_flight = Gauge(
            "acp_requests_in_flight", "Requests being served.", ("method", "path"), registry=self.registry
        )
        self._seconds = Histogram(
            "acp_request_seconds", "Seconds to answer.", ("method", "path"), registry=self.registry, buckets=SECONDS
        )

    @property
    def role(self) -> Role:
        """`GET /metrics`, for whoever can reach it: it needs no key and names no customer."""
        return Role([Route("/metrics", self._show)])

    def began(self, asked: Asked) -> None:
        """Count a request as being served."""
        self._in_flight.labels(asked.endpoint.method, asked.endpoint.path).inc()

    def answered(self, answered: Answered) -> None:
        """Count a request as answered."""
        where = answered.asked.endpoint.method, answered.asked.endpoint.path
        self._in_flight.labels(*where).dec()
        self._requests.labels(*where, answered.status, self._code(answered.code)).inc()
        self._seconds.labels(*where).observe(answered.seconds)
        if answered.replayed:
            self._replays.labels(*where).inc()

    def paid(self, outcome: str) -> None:
        """Count a payment by its outcome."""
        self._payments.labels(outcome).inc()

    def delivered(self, taken: bool) -> None:
        """Count an order event that was sent."""
        self._deliveries.labels("taken" if taken else "not_taken").inc()

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(name, says, labels, registry=self.registry)

    def _code(self, code: str | None) -> str:
        if code is None:
            return ""
        if len(self._codes) < MOST_CODES:
            self._codes.add(code)
        return code if code in self._codes else "other"

    async def _show(self, request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self.registry), headers={"Content-Type": content_type})


class _Waiting(Collector):
    """What waits in the store: order events to be delivered, and payments whose outcome is open."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """What is there now; nothing when the store cannot be read."""
        try:
            backlog = self._store.backlog(self._clock())
        except StoreUnavailable:
            return  # the store has said in the log what is wrong
        except Exception:  # whatever is wrong with the store, the other numbers are to be had
            log.exception("the store cannot be used")
            return
        events = GaugeMetricFamily("acp_outbox_events", "Order events not delivered.", labels=("state",))
        events.add_metric(("pending",), backlog.pending)
        events.add_metric(("dead",), backlog.dead)
        yield events
        yield GaugeMetricFamily(
            "acp_outbox_overdue_seconds", "How long the event most overdue has been.", backlog.overdue_seconds
        )
        yield GaugeMetricFamily("acp_payments_open", "Payments whose outcome is open.", backlog.payments)

    def describe(self) -> Iterator[Metric]:
        """Nothing: asking the store when it is only registered would be too soon."""
        return iter(())
