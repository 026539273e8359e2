"""One judgement from a profile: opens the line and the receiver, runs the checks, and closes everything again."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import httpx

from conformance.errors import BadProfile
from conformance.profile import Profile
from conformance.trial.receiver import Receiver
from conformance.trial.trial import Trial
from conformance.verdict.runner import Run, Told, judge
from conformance.verdict.selection import Selection
from conformance.wire.line import Limits, Line
from conformance.wire.secrets import Secrets

LISTEN: Final = "127.0.0.1:8765"
"""Where order events are received unless the profile says otherwise."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a run goes. `forbidden` are operations that are not to be sent, each with the option that says so.

    `repeat` is how often every check is made.
    """

    seed: int
    limits: Limits = field(default_factory=Limits)
    forbidden: Mapping[str, str] = field(default_factory=dict)
    repeat: int = 1


async def judgement(
    selection: Selection, terms: Terms, clock: Callable[[], datetime], tell: Told = lambda run, name, results: None
) -> Run:
    """The run of the checks of a selection, as often as the terms say, each time with sessions of its own.

    Raises BadProfile where the profile's files or addresses cannot be used.
    """
    run = Run(selection)
    for time in range(terms.repeat):
        async with trial_of(selection.profile, replace(terms, seed=terms.seed + time), clock) as trial:
            trial.line.count = len(run.records)
            await judge(trial, run, tell)
        if run.wiring or run.interrupted:
            break
    return run


@asynccontextmanager
async def trial_of(profile: Profile, terms: Terms, clock: Callable[[], datetime]) -> AsyncIterator[Trial]:
    """A trial with an open line and, where the profile has a webhook, an open receiver."""
    receiver = await _receiver(profile, clock)
    try:
        async with _http(profile) as http:
            line = Line(http, terms.limits, clock)
            yield Trial(
                profile,
                line,
                Secrets(dict(profile.secrets())),
                terms.seed,
                clock,
                receiver,
                terms.forbidden,
            )
    finally:
        if receiver is not None:
            await receiver.close()


async def _receiver(profile: Profile, clock: Callable[[], datetime]) -> Receiver | None:
    if not profile.get("webhook"):
        return None
    listen = str(profile.get("webhook.listen", LISTEN))
    host, _, port = listen.rpartition(":")
    receiver = Receiver(host, int(port), clock)
    try:
        await receiver.open()
    except OSError as error:
        raise BadProfile(
            "the profile", "webhook.listen", f"{listen} cannot be listened at: {error.strerror}."
        ) from error
    return receiver


def _http(profile: Profile) -> httpx.AsyncClient:
    connection: dict[str, Any] = profile.get("connection", {})
    return httpx.AsyncClient(verify=_tls(connection), proxy=connection.get("proxy"), trust_env=False)


def _tls(connection: dict[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    try:
        if "ca" in connection:
            context.load_verify_locations(connection["ca"])
        if "client_certificate" in connection:
            context.load_cert_chain(connection["client_certificate"], connection.get("client_key"))
    except (OSError, ssl.SSLError) as error:
        said = getattr(error, "strerror", None) or "is no certificate"
        raise BadProfile("the profile", "connection", f"a certificate cannot be loaded: {said}.") from error
    return context
