"""Platforms: what an agent platform asks beside the protocol, and what it wants to be shown before a launch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from conformance.tables import table

FOLDER: Final = Path(__file__).parent / "platforms"

State = Literal["shown", "failed", "open", "attested"]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a launch checklist: what must be shown, the requirements that show it, and what a person attests."""

    id: str
    shows: str
    requirements: Sequence[str] = ()
    attest: str = ""


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform. `wire` is what differs on the wire, as members of a dialect; `instead` what replaces requirements."""

    name: str
    title: str
    wire: Mapping[str, Any]
    instead: Mapping[str, Mapping[str, str]]
    checklist: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Shown:
    """An item of the checklist and whether it was shown, with a sentence."""

    item: Item
    state: State
    says: str


def names() -> list[str]:
    """The platforms there are."""
    return sorted(file.stem for file in FOLDER.glob("*.yaml"))


@cache
def platform(name: str) -> Platform:
    """The platform of a name."""
    found: Any = table(FOLDER / f"{name}.yaml")
    wire = {key: tuple(value) if isinstance(value, list) else value for key, value in found["wire"].items()}
    checklist = tuple(Item(**item) for item in found["checklist"])
    return Platform(name, found["title"], wire, found["instead"], checklist)


def shown(checklist: Sequence[Item], run: Mapping[str, Any], attested: Mapping[str, str]) -> list[Shown]:
    """Every item of a checklist, by a run file and what persons attest, by item."""
    outcomes = {each["id"]: each for each in run["requirements"]}
    return [_shown(item, outcomes, attested.get(item.id, "")) for item in checklist]


def _shown(item: Item, outcomes: Mapping[str, Mapping[str, Any]], attested: str) -> Shown:
    judged = [outcomes[id] for id in item.requirements if id in outcomes]
    failed = [each for each in judged if each["outcome"] == "fail"]
    if failed:
        return Shown(item, "failed", f"{failed[0]['id']}: {failed[0]['says']}")
    unseen = [id for id in item.requirements if outcomes.get(id, {}).get("outcome") not in ("pass", "warn")]
    if unseen:
        return Shown(item, "open", f"Not verified: {', '.join(unseen)}.")
    if item.attest and not attested:
        return Shown(item, "open", f"To be attested: {item.attest}")
    return Shown(item, "attested" if item.attest else "shown", attested or f"{len(judged)} requirements verified.")
