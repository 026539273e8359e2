"""A stratified tenth of the kill matrix: of each area one mutant in ten, and one variation in ten."""

from __future__ import annotations

import pytest

from conformance.catalogue import catalogue
from conformance.unchecked import unchecked
from conformance.unproven import unproven
from conformance.verdict.claim import claim_of
from conformance.verdict.outcome import counts
from tests.independent.versions import VERSIONS
from tests.kill_matrix import independents
from tests.kill_matrix.matrix import CHECKED, Subject, area_of, companies, sample, subjects, tried_together
from tests.kill_matrix.shops import judged

JUDGED = ("merchant", "psp", "either")
ALL = subjects()
TENTH = sample(ALL.values(), 10)


@pytest.mark.apart
@pytest.mark.parametrize(
    "company",
    companies([each for each in TENTH if each.breaks]),
    ids=lambda company: "+".join(e.label for e in company),
)
def test_mutants_are_killed_and_nothing_is_found_beyond_what_they_declare(company: list[Subject]):
    assert [line for row in tried_together(company) for line in row.complaints] == []


@pytest.mark.apart
@pytest.mark.parametrize(
    "company",
    companies([each for each in TENTH if not each.breaks]),
    ids=lambda company: "+".join(e.label for e in company),
)
def test_nothing_fails_in_a_shop_that_is_only_unusual(company: list[Subject]):
    assert [line for row in tried_together(company) for line in row.complaints] == []


def test_the_mock_is_conformant_in_every_must_that_is_counted():
    claim = claim_of(judged())
    assert (claim.word, claim.verified) == ("conformant", claim.counted)


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_fails_in_the_independent_merchant(version: str):
    claim = claim_of(independents.judged(version))
    assert list(claim.failed) == []
    assert claim.word in ("conformant", "conformant-with-warnings", "incomplete")


def test_every_requirement_has_a_check_or_a_reason_and_not_both():
    bound = [each for each in catalogue() if each.role in JUDGED and each.same_as is None]
    assert [each.id for each in bound if each.id not in CHECKED and not unchecked(each)] == []
    assert [id for id in sorted(CHECKED) if catalogue()[id].same_as] == []


def test_nearly_every_must_and_should_that_can_be_seen_is_checked():
    for levels, least in ((("MUST", "MUST NOT"), 0.95), (("SHOULD", "SHOULD NOT"), 0.9)):
        seen = [each for each in catalogue() if each.level in levels and can_be_seen(each)]
        assert sum(each.id in CHECKED for each in seen) / len(seen) >= least


def can_be_seen(requirement) -> bool:
    stated = requirement.status == "normative" and not requirement.derived and requirement.same_as is None
    outside = requirement.testable.startswith(("black-box", "needs-setup"))
    return stated and outside and requirement.role in ("merchant", "psp") and requirement.area not in LATER


LATER = {"cart", "feed", "delegate-auth", "discount", "extensions", "seller-backed"}


def test_every_must_that_is_checked_is_broken_by_a_mutant_or_listed_as_unproven():
    broken = {catalogue()[each.breaks].same_as or each.breaks for each in ALL.values() if each.breaks}
    musts = [id for id in sorted(CHECKED) if counts(catalogue()[id]) and catalogue()[id].role in JUDGED]
    assert [id for id in musts if id not in broken and id not in unproven()] == []
    assert [id for id in unproven() if id in broken or id not in CHECKED] == []
    assert len([id for id in musts if id in unproven()]) < len(musts) / 10


def test_a_tenth_holds_every_area_there_is():
    assert {area_of(each) for each in TENTH} == {area_of(each) for each in ALL.values()}
    assert len(TENTH) < len(ALL) / 7
