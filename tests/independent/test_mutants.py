"""Each mutant is wrong where anybody can see it, and says which requirement that breaks."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import cache

import pytest

from conformance.catalogue import catalogue
from tests.independent.mutants import MUTANTS
from tests.independent.versions import OLDER
from tests.independent.walk.agent import Exchange
from tests.independent.walk.tours import Sights, inside
from tests.independent.wrong.defect import Mutant

PAIRS = [
    (name, version)
    for name, mutant in MUTANTS.items()
    for version in dict.fromkeys((mutant.versions[0], mutant.versions[-1]))
]
"""Each mutant in the oldest and in the newest of its versions."""


class Different(Exception):
    """A mutant shows something that a sound shop does not."""


@cache
def sound(version: str) -> Sights:
    return asyncio.run(inside(version))


def shows_a_difference(mutant: Mutant, version: str) -> bool:
    expected = sound(version)

    def watch(name: str, exchange: Exchange) -> None:
        if exchange != expected[name]:
            raise Different(name)

    try:
        sights = asyncio.run(inside(version, mutant.defect, watch))
    except Different:
        return True
    return sights.events != expected.events


@pytest.mark.parametrize("version", OLDER)
def test_a_sound_shop_shows_the_same_on_every_tour(version):
    assert asyncio.run(inside(version)) == sound(version)


@pytest.mark.parametrize(("name", "version"), PAIRS, ids=lambda part: part)
def test_a_mutant_shows_something_that_a_sound_shop_does_not(name, version):
    assert shows_a_difference(MUTANTS[name], version)


def test_every_mutant_breaks_a_normative_requirement_that_can_be_observed():
    for mutant in MUTANTS.values():
        broken = catalogue()[mutant.breaks]
        assert (broken.status, broken.derived, broken.same_as) == ("normative", False, None), mutant.name
        assert broken.role in ("merchant", "psp"), mutant.name
        assert broken.testable.partition(":")[0] in ("black-box", "needs-setup"), mutant.name


def test_what_a_mutant_breaks_holds_in_all_its_versions():
    for mutant in MUTANTS.values():
        broken = catalogue()[mutant.breaks]
        for version in mutant.versions:
            assert broken.since <= version <= (broken.until or version), mutant.name


def test_a_mutant_disturbs_at_most_two_other_requirements():
    for mutant in MUTANTS.values():
        assert len(set(mutant.disturbs) - {mutant.breaks}) == len(mutant.disturbs) <= 2, mutant.name
        assert all(id in catalogue() for id in mutant.disturbs), mutant.name


def test_every_older_version_has_mutants_enough():
    count = Counter(version for mutant in MUTANTS.values() for version in mutant.versions)
    assert all(count[version] >= 10 for version in OLDER)
    assert len(MUTANTS) >= 40
