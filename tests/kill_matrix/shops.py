"""A mock merchant with levers, and a judgement of it, in one process: the shop in a thread, the judge in a loop."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from conformance.catalogue import catalogue
from conformance.profile.file import made_of
from conformance.trial.receiver import Receiver
from conformance.trial.trial import Trial
from conformance.verdict.runner import Run, judge
from conformance.verdict.selection import Selection
from conformance.wire.line import Limits, Line
from conformance.wire.secrets import Secrets
from merchant_mock.app import Terms
from merchant_mock.catalogue import load
from merchant_mock.clock import Clock
from merchant_mock.levers import Lever
from merchant_mock.profile import SECOND_KEY, profile
from merchant_mock.serving import bind, running, url_of
from merchant_mock.street import open_street

SEED = 7
GOODS = load()


@contextmanager
def shop(levers: Sequence[Lever], webhook_url: str) -> Iterator[str]:
    """The base URL of a new shop that has these levers and sends its order events there."""
    with TemporaryDirectory(prefix="acp-mutant-") as folder, bind("127.0.0.1", 0) as listener:
        terms = Terms(
            GOODS,
            Path(folder) / "shop.db",
            url_of(listener),
            agents={SECOND_KEY: "second-agent"},
            webhook_url=webhook_url,
            seed=SEED,
            clock=Clock(),
            levers=tuple(levers),
        )
        street = open_street(terms)
        try:
            with running(street.front, listener):
                yield url_of(listener)
        finally:
            street.close()


def judged(*levers: Lever, areas: Sequence[str] = ()) -> Run:
    """The run of the suite against a mock merchant with these levers."""
    return asyncio.run(_judged(levers, areas))


async def _judged(levers: Sequence[Lever], areas: Sequence[str]) -> Run:
    receiver = Receiver("127.0.0.1", 0, _now)
    await receiver.open()
    host, port = receiver.address
    try:
        with shop(levers, f"http://{host}:{port}/order_events") as url:
            document = tomllib.loads(profile(url, listen=f"{host}:{port}"))
            brought = made_of(document, {}, "the mock's profile")
            async with httpx.AsyncClient(trust_env=False) as http:
                line = Line(http, Limits(request_seconds=5), _now)
                trial = Trial(brought, line, Secrets(dict(brought.secrets())), SEED, _now, receiver)
                return await judge(trial, Selection(brought, catalogue(), areas=areas))
    finally:
        await receiver.close()


def _now() -> datetime:
    return datetime.now(UTC)
