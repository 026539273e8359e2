"""The kill matrix: the suite against each fault of the mock, and what it made of it.

A mutant is killed when the requirement it breaks comes out as broken, by the checks that claim it. Any other
requirement that comes out as broken, and that the mutant does not declare, is a fault of the suite.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from time import perf_counter

from conformance.catalogue import catalogue
from merchant_mock.faults import FAULTS
from merchant_mock.levers import Lever
from merchant_mock.variations import VARIATIONS
from tests.kill_matrix.shops import judged


@dataclass(frozen=True)
class Row:
    """One mutant, or one variation: what was found broken, and which of it was asked for."""

    name: str
    breaks: str | None
    killed: bool
    beyond: Sequence[str]
    errors: Sequence[str]
    seconds: float


def tried(name: str, areas: Sequence[str] = ()) -> Row:
    """The row of a fault, or of a variation, of the mock."""
    lever = FAULTS.get(name) or VARIATIONS[name]
    began = perf_counter()
    run = judged(lever, areas=areas)
    broken = [result for result in run.results if result.outcome in ("fail", "warn")]
    declared = _canonical([lever.breaks, *lever.disturbs])
    beyond = [f"{r.requirement} by {r.check}: {r.says}" for r in broken if r.requirement not in declared]
    if lever.breaks is None:  # a variation may be warned about, never failed
        beyond = [f"{r.requirement} by {r.check}: {r.says}" for r in broken if r.outcome == "fail"]
    killed = any(result.requirement in _canonical([lever.breaks]) for result in broken)
    errors = [f"{r.check}: {r.says}" for r in run.results if r.outcome == "error"]
    if run.wiring:
        errors.append(f"wiring: {run.wiring.says}")
    return Row(name, lever.breaks, killed, beyond, errors, perf_counter() - began)


def _canonical(ids: Iterable[str | None]) -> set[str]:
    known = catalogue()
    return {known[id].same_as or id for id in ids if id is not None}


def matrix(names: Sequence[str], areas: Sequence[str] = (), processes: int = 2) -> Iterable[Row]:
    """The rows of many, as they are done, in parallel."""
    with ProcessPoolExecutor(processes) as pool:
        for done in as_completed([pool.submit(tried, name, areas) for name in names]):
            yield done.result()


def mutants(area: str | None = None) -> list[Lever]:
    """The faults whose requirement is of an area, or all."""
    known = catalogue()
    return [each for each in FAULTS.values() if area is None or known[str(each.breaks)].area == area]
