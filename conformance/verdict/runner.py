"""The runner: makes every probe, one after the other, lets the watch see what they bring, and collects the results."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.checking.registry import Probe
from conformance.errors import LineClosed
from conformance.findings import Blocked, Broken, Finding, Missing, NotApplicable
from conformance.trial.trial import Trial
from conformance.verdict.outcome import Outcome, Result, broken
from conformance.verdict.preflight import Wiring, wiring
from conformance.verdict.selection import Selection
from conformance.verdict.watch import Watch
from conformance.wire.exchange import Exchange
from conformance.wire.record import record_of


@dataclass
class Run:
    """A run as it goes: results so far, exchanges as they may be shown, and what broke the wiring, if anything did."""

    selection: Selection
    results: list[Result] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    wiring: Wiring | None = None
    interrupted: bool = False


Told = Callable[[Run, str, list[Result]], None]
"""Is told of each check, by its name, and of what came of it, while the run goes on."""


async def judge(trial: Trial, run: Run, tell: Told = lambda run, name, results: None) -> None:
    """Judge the servers of a trial. Cancelling leaves a run that says what was not reached, and no session open."""
    selection, shown = run.selection, trial.secrets.text
    watch = Watch(selection.observations, selection.catalogue, trial.profile)
    numbers: list[int] = []

    def keep(exchange: Exchange) -> None:
        run.records.append(record_of(exchange, trial.secrets))

    trial.line.listeners += [watch.see, keep, lambda exchange: numbers.append(exchange.number)]
    if trial.receiver is not None:
        trial.receiver.listeners += [lambda event: _number(trial, event), watch.see, keep]
    run.wiring = await wiring(trial)
    if run.wiring:
        run.wiring = replace(run.wiring, says=shown(run.wiring.says))
    try:
        for probe in [] if run.wiring else selection.probes:
            numbers.clear()
            found = await _found(probe, trial)
            results = [each.redacted(shown) for each in _results(probe, found, selection, numbers)]
            run.results += results
            tell(run, probe.name, results)
    except asyncio.CancelledError:
        run.interrupted = True
    await _leave(trial)
    if not run.wiring:
        seen = [each for each in watch.results(selection.catalogue) if selection.judged([each.requirement])]
        run.results += [each.redacted(shown) for each in seen]


async def _found(probe: Probe, trial: Trial) -> Exception | str | None:
    """What a probe found; where the rule is kept, None or what it tells besides."""
    try:
        for need in probe.needs:
            if not trial.profile.get(need):
                raise Missing(need, "the check needs it.")
        return await probe.run(trial)
    except (Finding, LineClosed) as found:
        return found
    except Exception as mistake:  # a mistake of a check must not cost the shop the verdict of all others
        return mistake


def _results(probe: Probe, found: Exception | str | None, selection: Selection, numbers: list[int]) -> Iterator[Result]:
    seen = [each.number for each in found.seen] if isinstance(found, Finding) and found.seen else numbers[-6:]
    for requirement in selection.judged(probe.requirements):
        yield Result(
            check=probe.name,
            requirement=requirement.id,
            outcome=broken(requirement) if isinstance(found, Broken) else _outcome(found),
            says=_says(found),
            at=getattr(found, "at", ""),
            seen=seen,
            by=found.by if isinstance(found, Blocked) else None,
            needs=found.input if isinstance(found, Missing) else None,
        )


def _outcome(found: Exception | str | None) -> Outcome:
    if found is None or isinstance(found, str):
        return "pass"
    if isinstance(found, NotApplicable):
        return "not-applicable"
    return "untestable" if isinstance(found, (Blocked, Missing, LineClosed)) else "error"


def _says(found: Exception | str | None) -> str:
    if found is None or isinstance(found, str):
        return found or ""
    if isinstance(found, Finding):
        return found.says
    if isinstance(found, LineClosed):
        return f"Not asked: {found}."
    return f"The suite itself failed here: {type(found).__name__}: {found}. Please report this with the run file."


async def _leave(trial: Trial) -> None:
    """Cancel what is still open, as far as the line allows."""
    if "merchant" in trial.profile.roles and "cancel" not in trial.forbidden:
        try:
            await trial.leave()
        except (LineClosed, Blocked):
            return  # the server is gone, or has no tool for it, and with it the way to cancel anything


def _number(trial: Trial, event: Exchange) -> None:
    """Give an event its number among the exchanges of the run."""
    trial.line.count += 1
    event.number = trial.line.count
