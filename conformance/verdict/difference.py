"""Two runs side by side: which requirements came out otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Way = Literal["broke", "mended", "lost", "gained", "changed"]

_BAD: Final = ("fail", "warn", "error")


@dataclass(frozen=True, slots=True)
class Change:
    """One requirement that came out otherwise; `before` or `after` is empty where a run did not judge it."""

    id: str
    level: str
    before: str
    after: str
    way: Way
    says: str = ""


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Sequence[Change]:
    """Every requirement that came out otherwise in the new run, what broke first."""
    before, after = ({each["id"]: each for each in run["requirements"]} for run in (old, new))
    found = [_change(id, before.get(id), after.get(id)) for id in {**before, **after}]
    order: Sequence[Way] = ("broke", "lost", "changed", "gained", "mended")
    return sorted((each for each in found if each.before != each.after), key=lambda each: order.index(each.way))


def _change(id: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Change:
    was, now = (str(each["outcome"]) if each else "" for each in (before, after))
    known = after or before or {}
    return Change(id, str(known.get("level", "")), was, now, _way(was, now), str((after or {}).get("says", "")))


def _way(was: str, now: str) -> Way:
    """What a change means: a MUST or SHOULD that broke or was mended, or one that is judged no more or at last."""
    if now in _BAD and was not in _BAD:
        return "broke"
    if was in _BAD and now == "pass":
        return "mended"
    if was == "pass":
        return "lost"
    return "gained" if now == "pass" else "changed"
