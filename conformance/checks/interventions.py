"""Checks of interventions: what agent and shop have in common, and what a shop requires of agents that lack it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.checking import expect
from conformance.checking.closed import undeclared
from conformance.checking.registry import Look, observation, probe
from conformance.document import Document
from conformance.findings import Blocked, NotApplicable
from conformance.trial.authentication import asked, completing, wanting
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

KNOWN: Final = ("3ds", "biometric", "address_verification")
DECLARED: Final = "capabilities.interventions.supported"
AT: Final = f"$.{DECLARED}"
REQUIRED: Final = "$.capabilities.interventions.required"
SHOWN: Final = "checkout.capabilities.response.create"
PRESENT: Final = "checkout.interventions.supported-present"
PAYABLE: Final = ("ready_for_payment", "completed")


@observation("checkout.interventions.intersection", of="session")
def only_what_the_agent_declared_is_supported(sight: Sight) -> Iterator[Look]:
    """No intervention that the protocol knows is listed for an agent that did not declare it."""
    declared = _declared(sight)
    for at, value in sight.select(f"{AT}[*]"):
        strange = declared is not None and value in KNOWN and value not in declared
        yield Look(at, f"The agent did not declare {value!r}, only {declared}." if strange else "")


@observation("checkout.interventions.supported-enum", of="session")
def only_known_interventions_are_supported(sight: Sight) -> Iterator[Look]:
    """Every intervention that is listed is one of the protocol, or one that the agent itself declared."""
    for at, value in sight.select(f"{AT}[*]"):
        known = value in (*KNOWN, *(_declared(sight) or ()))
        yield Look(at, "" if known else f"{value!r} is not one of {', '.join(KNOWN)}.")


@observation("checkout.interventions.closed-object", of="session")
def interventions_have_no_other_members(sight: Sight) -> Iterator[Look]:
    """The interventions of a session have the members that the schema lists."""
    yield from undeclared(sight, "$.capabilities.interventions", "InterventionCapabilities")


@probe("checkout.interventions.intersection")
async def an_agent_that_can_do_nothing_shares_nothing(trial: Trial) -> None:
    """A session of an agent that declares no intervention lists none; not to open it is right too."""
    opened = await trial.shop.send((await trial.shop.creating()).changed({DECLARED: []}))
    shared = [value for _, value in opened.body.select(f"{AT}[*]") if value in KNOWN]
    expect.that(not shared, f"The agent declared nothing, and the session supports {shared}.", opened, at=AT)


@probe("checkout.interventions.intersection-complete", needs=["interventions"])
async def all_that_both_can_do_is_supported(trial: Trial) -> None:
    """A session of an agent that declares every intervention lists all that the shop supports."""
    session = await trial.shop.opened((await trial.shop.creating()).changed({DECLARED: list(KNOWN)}))
    if not isinstance(session.body.get("$.capabilities"), dict):
        raise Blocked("The session shows no capabilities.", session.seen, by=SHOWN)
    if session.body.select("$.capabilities.interventions") and not isinstance(session.body.get(AT), list):
        raise Blocked("The interventions have no supported list.", session.seen, by=PRESENT)
    shown = [value for _, value in session.body.select(f"{AT}[*]")]
    missing = [each for each in trial.profile.get("interventions") if each not in shown]
    says = f"The session does not list {', '.join(missing)}, which both sides support."
    expect.that(not missing, says, session.seen, at=AT)


@probe("checkout.interventions.required-still-enforced")
async def an_incapable_agent_does_not_get_by_without_3ds(trial: Trial) -> None:
    """An agent that declares no intervention cannot buy without 3DS what needs it; not to serve it is right too."""
    await asked(trial)
    item = trial.shop.item(wanting(trial)[0])
    opened = await trial.shop.send(trial.shop.draft_for(item).changed({DECLARED: []}))
    if not opened.succeeded:
        return
    session = trial.shop.sessions[str(opened.session or opened.body.get("$.id"))]
    seen = await trial.shop.send(await completing(trial, session))
    expect.no_order(seen, "A completion without 3DS by an agent that does not support it")
    await trial.shop.waited(await trial.shop.seen(session))
    expect.no_order(session.seen, "A completion without 3DS by an agent that does not support it")


@probe("checkout.interventions.required-listed-when-unsupported")
async def what_is_required_is_listed_for_the_incapable(trial: Trial) -> None:
    """A session that needs 3DS lists it as required for an agent that does not support it."""
    shown = _shown(await incapable(trial))
    required = _required(shown)
    expect.that("3ds" in required, f"3DS is needed, and required lists {required}.", shown, at=REQUIRED)


@probe("checkout.interventions.mismatch.status")
async def an_incapable_agent_is_not_told_that_it_can_pay(trial: Trial) -> None:
    """Such a session is not ready for payment where 3DS is always enforced, unless an information says so (A47)."""
    shown = _shown(await incapable(trial))
    enforced = shown.body.get("$.capabilities.interventions.enforcement")
    if enforced != "always" or "3ds" not in _required(shown):
        raise NotApplicable("The session does not say that 3DS is always required.", shown)
    status, types = expect.session_status(shown), [each for _, each in shown.body.select("$.messages[*].type")]
    payable = status in PAYABLE and "info" not in types
    expect.that(not payable, f"The agent lacks what is required, and the session is {status}.", shown, at="$.status")


async def incapable(trial: Trial) -> Exchange:
    """The answer to a create of what needs 3DS, for an agent that declares no intervention."""

    async def create() -> Exchange:
        await trial.shop.shared()
        draft = trial.shop.draft_for(trial.shop.item("needs_3ds"))
        return expect.answered(await trial.shop.send(draft.changed({DECLARED: []})))

    return await trial.memory.once("incapable", create)


def _shown(opened: Exchange) -> Exchange:
    """The same, where it shows interventions."""
    if not opened.succeeded or not isinstance(opened.body.get("$.capabilities.interventions"), dict):
        raise NotApplicable(f"The shop shows such an agent no interventions: {opened.label}.", opened)
    return opened


def _required(opened: Exchange) -> list[Any]:
    """The interventions that a session requires."""
    return [value for _, value in opened.body.select(f"{REQUIRED}[*]")]


def _declared(sight: Sight) -> list[Any] | None:
    """The interventions that the agent declared when it opened a session; None where that is not known."""
    given = next((Document(asked) for asked in sight.given if "capabilities" in asked), None)
    return None if given is None else [value for _, value in given.select(f"{AT}[*]")]
