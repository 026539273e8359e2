"""A mock merchant with levers, and a judgement of it, in one process: the shop in a thread, the judge in a loop."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from conformance.catalogue import catalogue
from conformance.profile.file import made_of
from conformance.verdict.judgement import Terms as Judging
from conformance.verdict.judgement import judgement
from conformance.verdict.runner import Run, Told
from conformance.verdict.selection import Selection
from conformance.wire.line import Limits
from merchant_mock.app import Terms
from merchant_mock.catalogue import load
from merchant_mock.clock import Clock
from merchant_mock.levers import Lever
from merchant_mock.manners.identity import BASE_PATHS
from merchant_mock.profile import SECOND_AGENTS, profile
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
            agents=SECOND_AGENTS,
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


def judged(*levers: Lever, areas: Sequence[str] = (), tell: Told = lambda run, name, results: None) -> Run:
    """The run of the suite against a mock merchant with these levers."""
    listen = f"127.0.0.1:{free_port()}"
    with shop(levers, f"http://{listen}/order_events") as url:
        brought = made_of(_document(url, listen, levers), {}, "the mock's profile")
        selection = Selection(brought, catalogue(), areas=areas)
        return asyncio.run(judgement(selection, Judging(SEED, Limits(request_seconds=5)), now, tell))


def _document(url: str, listen: str, levers: Sequence[Lever]) -> dict[str, Any]:
    """The profile of a shop with these levers, some of which move its API below a base path."""
    document = tomllib.loads(profile(url, listen=listen))
    below = next((BASE_PATHS[lever.name] for lever in levers if lever.name in BASE_PATHS), "")
    for role in ("merchant", "psp"):
        document[role]["url"] += below
    return document


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with bind("127.0.0.1", 0) as listener:
        return int(listener.getsockname()[1])


def now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)
