"""What a run judges: the requirements that concern the roles and the version under test, and the checks of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import conformance.checks  # noqa: F401  # fills the registry
from conformance.catalogue import UNRELEASED, Catalogue, Requirement
from conformance.checking.registry import OBSERVATIONS, PROBES, Observation, Probe
from conformance.profile import Profile


@dataclass(frozen=True)
class Selection:
    """Requirements and checks of one run; `areas`, `levels` and `ids` narrow it, an empty one lets all through."""

    profile: Profile
    catalogue: Catalogue
    areas: Sequence[str] = ()
    levels: Sequence[str] = ()
    ids: Sequence[str] = ()

    @cached_property
    def requirements(self) -> list[Requirement]:
        """Every requirement that binds a role under test in the version under test, in the order of the catalogue."""
        narrowed = self.catalogue.select(areas=self.areas, levels=self.levels)
        return [each for each in narrowed if self._concerns(each) and (not self.ids or each.id in self.ids)]

    @cached_property
    def probes(self) -> list[Probe]:
        """The probes, in the order of the requirements they are about, those that come last at the end."""
        found = [each for each in PROBES.values() if self._wanted(each.requirements)]
        return sorted(found, key=lambda each: (each.last, self._order[each.requirements[0]]))

    @cached_property
    def observations(self) -> list[Observation]:
        """The observations."""
        return [each for each in OBSERVATIONS.values() if self._wanted(each.requirements)]

    def judged(self, requirements: Iterable[str]) -> list[Requirement]:
        """Those of the requirements that this run judges."""
        return [self.catalogue[id] for id in requirements if id in self._wished]

    def _concerns(self, requirement: Requirement) -> bool:
        role = requirement.role in self.profile.roles or requirement.role == "either"
        held = requirement.since != UNRELEASED and requirement.since <= self.profile.version
        return role and held and self.profile.version <= (requirement.until or UNRELEASED)

    def _wanted(self, requirements: Iterable[str]) -> bool:
        return any(id in self._wished for id in requirements)

    @cached_property
    def _wished(self) -> frozenset[str]:
        return frozenset(each.id for each in self.requirements)

    @cached_property
    def _order(self) -> dict[str, int]:
        return {each.id: number for number, each in enumerate(self.catalogue)}
