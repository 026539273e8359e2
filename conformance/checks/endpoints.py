"""Whether the five operations are there at all."""

from __future__ import annotations

from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange


@probe("checkout.session.endpoints.implemented")
async def every_operation_is_there(trial: Trial) -> None:
    """No operation on a session that was opened is answered 501, or 404 without an error of the protocol."""
    shop = trial.shop
    session = await shop.opened()
    drafts = (
        shop.retrieving(session),
        shop.updating(session, buyer=trial.profile.buyer),
        shop.completion(session, {}),
        shop.canceling(session),
    )
    for seen in [session.created, *[await shop.send(draft) for draft in drafts]]:
        missing = seen.status == 501 or (seen.status == 404 and not _is_error(seen))
        expect.that(not missing, f"There seems to be no {seen.operation}: {seen.label}.", seen)


def _is_error(seen: Exchange) -> bool:
    return isinstance(seen.body.get("$.code"), str)
