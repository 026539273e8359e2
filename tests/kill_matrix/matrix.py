"""The kill matrix: the suite against each shop that is wrong in one way, and against each that is only unusual.

A mutant is killed when the requirement it breaks comes out as broken, by the checks that claim it. Any other
requirement that comes out as broken, and that the mutant does not declare, is a fault of the suite. A variation may be
warned about, and never fails.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import conformance.checks  # noqa: F401  # fills the registry
from conformance.catalogue import catalogue
from conformance.checking.registry import OBSERVATIONS, PROBES
from conformance.verdict.outcome import Result
from conformance.verdict.runner import Run
from merchant_mock.faults import FAULTS
from merchant_mock.variations import VARIATIONS
from tests.independent.mutants import MUTANTS
from tests.independent.variations import VARIATIONS as UNUSUAL
from tests.independent.versions import NEWEST
from tests.kill_matrix import independents
from tests.kill_matrix.shops import judged

COMPANY: Final = 4
"""Mutants of different areas, or variations, that share a shop, for a run costs seconds and there are many."""

PROCESSES: Final = 3
"""One more than the two cores that there are at least, for a run waits now and then."""

CHECKED: Final = frozenset(id for check in (*PROBES.values(), *OBSERVATIONS.values()) for id in check.requirements)
"""The requirements that some check judges."""


@dataclass(frozen=True)
class Subject:
    """A shop that is tried: by whom it is played, what is wrong with it, and what it may disturb besides.

    `version` names the independent merchant of a version; without it, it is the mock. `breaks` is None for a variation.
    """

    name: str
    says: str
    breaks: str | None = None
    disturbs: Sequence[str] = ()
    version: str | None = None

    @property
    def label(self) -> str:
        """How it is called on the command line."""
        return f"{self.version}/{self.name}" if self.version else self.name


@dataclass(frozen=True)
class Row:
    """What the suite made of one subject: the checks that killed it, and what it found that nobody declared."""

    subject: Subject
    killers: Sequence[str]
    beyond: Sequence[str]
    errors: Sequence[str]
    seconds: float

    @property
    def killed(self) -> bool:
        """Whether what it breaks was found."""
        return bool(self.killers)

    @property
    def complaints(self) -> list[str]:
        """What is wrong with the suite, as lines; empty where it judged rightly."""
        label, breaks = self.subject.label, self.subject.breaks
        survived = [f"SURVIVED {label} (breaks {breaks})"] if breaks and not self.killed else []
        beyond = [f"BEYOND {label}: {each}" for each in self.beyond]
        return [*survived, *beyond, *(f"ERROR {label}: {each}" for each in self.errors)]


def tried(subject: Subject, areas: Sequence[str] = ()) -> Row:
    """The row of a subject, by the checks of these areas or by all."""
    return _rows([subject], areas)[0]


def tried_together(company: Sequence[Subject], areas: Sequence[str] = ()) -> list[Row]:
    """The rows of mutants that share one shop; whoever is odd there, perhaps by its company, is tried by itself."""
    rows = _rows(company, areas)
    if len(company) == 1:
        return rows
    return [tried(row.subject, areas) if row.complaints else row for row in rows]


def matrix(subjects: Sequence[Subject], areas: Sequence[str] = (), processes: int = PROCESSES) -> Iterator[Row]:
    """The rows of many, as they are done, in parallel."""
    with ProcessPoolExecutor(processes, initializer=logging.disable, initargs=[logging.WARNING]) as pool:
        for done in as_completed([pool.submit(tried_together, each, areas) for each in companies(subjects)]):
            yield from done.result()


def companies(subjects: Sequence[Subject], size: int = COMPANY) -> list[list[Subject]]:
    """The subjects in groups that share a shop: of the mock, variations, or mutants of areas far from each other."""
    mock = [each for each in subjects if not each.version]
    mutants = sorted((each for each in mock if each.breaks), key=area_of)
    variations = [each for each in mock if not each.breaks]
    alone = [[each] for each in subjects if each.version]
    return [*_grouped(variations, size), *alone, *_grouped(mutants, size)]  # first those of which some only wait


def _grouped(subjects: Sequence[Subject], size: int) -> list[list[Subject]]:
    groups = -(-len(subjects) // size)
    return [list(subjects[number::groups]) for number in range(groups)]


def _rows(company: Sequence[Subject], areas: Sequence[str]) -> list[Row]:
    """A row for each subject of one run; what any of them declares is beyond none."""
    began = perf_counter()
    run = _run(company, areas)
    bad = ("fail", "warn") if company[0].breaks else ("fail",)
    broken = [result for result in run.results if result.outcome in bad]
    declared = _canonical(id for subject in company for id in (subject.breaks, *subject.disturbs))
    beyond = [f"{r.requirement} by {r.check}: {r.says}" for r in broken if r.requirement not in declared]
    errors = [f"{result.check}: {result.says}" for result in run.results if result.outcome == "error"]
    errors += [f"wiring: {run.wiring.says}"] if run.wiring else []
    seconds = (perf_counter() - began) / len(company)
    return [Row(subject, _killers(subject, broken), beyond, errors, seconds) for subject in company]


def _killers(subject: Subject, broken: Sequence[Result]) -> list[str]:
    """The checks that found what a mutant breaks."""
    wanted = _canonical([subject.breaks])
    return sorted({result.check for result in broken if result.requirement in wanted})


def subjects() -> Mapping[str, Subject]:
    """Every variation and mutant of what is checked, by label; independent ones turn by turn in their versions."""
    found = [*_of_the_mock(), *_of_the_independent_merchant()]
    return {subject.label: subject for subject in found if _canonical([subject.breaks]) <= CHECKED}


def sample(among: Iterable[Subject], one_in: int) -> list[Subject]:
    """One in so many of each area of what they break, and of the variations; of a small area the one in its middle."""
    by_area: dict[str, list[Subject]] = {}
    for subject in among:
        by_area.setdefault(area_of(subject), []).append(subject)
    return [subject for group in by_area.values() for subject in group[len(group) // 2 % one_in :: one_in]]


def area_of(subject: Subject) -> str:
    """The area of what a mutant breaks; for the others, that they are variations."""
    return catalogue()[subject.breaks].area if subject.breaks else "variations"


def _of_the_mock() -> Iterator[Subject]:
    for lever in (*FAULTS.values(), *VARIATIONS.values()):
        yield Subject(lever.name, lever.says, lever.breaks, tuple(lever.disturbs))


def _of_the_independent_merchant() -> Iterator[Subject]:
    for number, mutant in enumerate(MUTANTS.values()):
        version = mutant.versions[number % len(mutant.versions)]
        yield Subject(mutant.name, mutant.name.replace("-", " "), mutant.breaks, tuple(mutant.disturbs), version)
    for name in UNUSUAL:
        yield Subject(name, name.replace("-", " "), version=NEWEST[0])


def _run(company: Sequence[Subject], areas: Sequence[str]) -> Run:
    first = company[0]
    if first.version:
        return independents.judged(first.version, first.name, areas)
    levers = [FAULTS.get(subject.name) or VARIATIONS[subject.name] for subject in company]
    return judged(*levers, areas=areas)


def _canonical(ids: Iterable[str | None]) -> set[str]:
    known = catalogue()
    return {known[id].same_as or id for id in ids if id is not None}
