"""The kill matrix: the suite against each shop that is wrong in one way, and against each that is only unusual.

A mutant is killed when the requirement it breaks comes out as broken, by the checks that claim it. Any other
requirement that comes out as broken, and that the mutant does not declare, is a fault of the suite. A variation may be
warned about, and never fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from time import perf_counter

from conformance.catalogue import catalogue
from conformance.verdict.runner import Run
from merchant_mock.faults import FAULTS
from merchant_mock.variations import VARIATIONS
from tests.independent.mutants import MUTANTS
from tests.kill_matrix import independents
from tests.kill_matrix.shops import judged


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
    began = perf_counter()
    run = _run(subject, areas)
    bad = ("fail", "warn") if subject.breaks else ("fail",)
    broken = [result for result in run.results if result.outcome in bad]
    declared = _canonical([subject.breaks, *subject.disturbs])
    wanted = _canonical([subject.breaks])
    errors = [f"{result.check}: {result.says}" for result in run.results if result.outcome == "error"]
    return Row(
        subject,
        killers=sorted({result.check for result in broken if result.requirement in wanted}),
        beyond=[f"{r.requirement} by {r.check}: {r.says}" for r in broken if r.requirement not in declared],
        errors=[*errors, *([f"wiring: {run.wiring.says}"] if run.wiring else [])],
        seconds=perf_counter() - began,
    )


def matrix(subjects: Sequence[Subject], areas: Sequence[str] = (), processes: int = 2) -> Iterable[Row]:
    """The rows of many, as they are done, in parallel."""
    with ProcessPoolExecutor(processes) as pool:
        for done in as_completed([pool.submit(tried, subject, areas) for subject in subjects]):
            yield done.result()


def subjects() -> Mapping[str, Subject]:
    """Every mutant and every variation by its label; of the independent merchant, in its oldest version only."""
    found = [*_of_the_mock(), *_of_the_independent_merchant()]
    return {subject.label: subject for subject in found}


def sample(among: Iterable[Subject], one_in: int) -> list[Subject]:
    """A part of the subjects, one in so many of each area of what they break, and of the variations."""
    by_area: dict[str, list[Subject]] = {}
    for subject in among:
        by_area.setdefault(area_of(subject), []).append(subject)
    return [subject for group in by_area.values() for subject in group[::one_in]]


def area_of(subject: Subject) -> str:
    """The area of what a mutant breaks; for the others, that they are variations."""
    return catalogue()[subject.breaks].area if subject.breaks else "variations"


def _of_the_mock() -> Iterator[Subject]:
    for lever in (*FAULTS.values(), *VARIATIONS.values()):
        yield Subject(lever.name, lever.says, lever.breaks, tuple(lever.disturbs))


def _of_the_independent_merchant() -> Iterator[Subject]:
    for mutant in MUTANTS.values():
        yield Subject(
            mutant.name, mutant.name.replace("_", " "), mutant.breaks, tuple(mutant.disturbs), mutant.versions[0]
        )


def in_version(subject: Subject, version: str) -> Subject:
    """The same mutant of the independent merchant in another of its versions."""
    return replace(subject, version=version)


def _run(subject: Subject, areas: Sequence[str]) -> Run:
    if subject.version:
        return independents.judged(subject.version, subject.name, areas)
    return judged(FAULTS.get(subject.name) or VARIATIONS[subject.name], areas=areas)


def _canonical(ids: Iterable[str | None]) -> set[str]:
    known = catalogue()
    return {known[id].same_as or id for id in ids if id is not None}
