"""Probes of retrieve: what it answers, to whom, and that it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.findings import NotApplicable
from conformance.trial.session import changed, is_session
from conformance.trial.trial import Trial

KEPT_SECONDS: Final = 3_660
"""How long a session that has not expired is looked for again: an hour and a bit."""


@probe("checkout.session.retrieve.status-200")
async def a_session_is_read_with_200(trial: Trial) -> None:
    """A session that was opened is answered 200."""
    expect.status(await trial.shop.send(trial.shop.retrieving(await trial.shop.shared()), control=True), 200)


@probe("checkout.session.retrieve.status-200", last=True)
async def a_session_is_there_until_it_expires(trial: Trial) -> None:
    """An hour later it is still answered 200, unless it said that it expires before."""
    if not trial.hooks.has("advance_clock"):
        raise NotApplicable("There is no hook to let an hour pass.")
    session = await trial.shop.opened()
    if not _lasts(session.document, trial.now() + timedelta(seconds=KEPT_SECONDS)):
        raise NotApplicable(f"The session expires at {session.document.get('expires_at')}.", session.seen)
    await trial.hooks.run("advance_clock", seconds=KEPT_SECONDS)
    expect.status(await trial.shop.send(trial.shop.retrieving(session)), 200, to="An hour later, a read of the session")


@probe("checkout.session.retrieve.no-side-effects")
async def a_read_changes_nothing(trial: Trial) -> None:
    """Two reads, one after the other, show the same session."""
    session = await trial.shop.shared()
    one, other = [(await trial.shop.seen(session)).document for _ in range(2)]
    names = changed(one, other)
    expect.that(not names, f"Between two reads there has changed: {', '.join(names)}.", session.seen)


@probe("checkout.session.retrieve.other-identity-hidden", needs=["merchant.second_key"])
async def a_session_is_nobody_elses(trial: Trial) -> None:
    """A read under another caller's key shows no session."""
    session, endpoint = await trial.shop.shared(), trial.profile.merchant
    stranger = trial.caller(replace(endpoint, key=endpoint.second_key))
    seen = expect.answered(await stranger.send(trial.shop.retrieving(session)))
    shown = seen.succeeded and is_session(seen.document)
    expect.that(not shown, "A read under another caller's key showed the session.", seen)


def _lasts(session: Mapping[str, Any], until: datetime) -> bool:
    """Whether a session says that it is there until then."""
    expires = session.get("expires_at")
    try:
        return isinstance(expires, str) and datetime.fromisoformat(expires) > until
    except (ValueError, TypeError):
        return False
