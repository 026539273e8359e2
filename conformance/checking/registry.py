"""The checks: functions that hold the servers under test against requirements, and the tables they are kept in.

A *probe* sends requests of its own. An *observation* looks at everything of one kind that the run has seen, whoever
asked for it: it yields a look for each place it looked at.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from conformance.trial.sight import Sight

T = TypeVar("T", str, None)

Kind = Literal["reply", "session", "order", "error", "discovery", "token", "event", "tool"]
"""What an observation looks at: any answer of the shop or the PSP, or what is in it, order events, calls over MCP."""


@dataclass(frozen=True, slots=True)
class Look:
    """One place that an observation looked at; `wrong` says what is wrong there, and is empty where nothing is."""

    at: str
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A check that sends requests. `needs` are inputs of the profile without which it cannot be made.

    Where the rule is kept, it may return what there is to tell besides, such as the shape in which something came.
    """

    name: str
    requirements: Sequence[str]
    run: Callable[[Any], Awaitable[str | None]]
    needs: Sequence[str] = ()
    last: bool = False
    """Whether it has to come after the others, because it wears the shop out, moves its clock or ends its orders."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A check of what is seen. `always` says that a run cannot have gone well without a place to look at."""

    name: str
    requirements: Sequence[str]
    of: Kind
    look: Callable[[Sight], Iterator[Look]]
    always: bool = False
    general: bool = False
    """Whether it only reports what no other observation of the same answer has found to be wrong."""


PROBES: dict[str, Probe] = {}
OBSERVATIONS: dict[str, Observation] = {}


def probe(
    *requirements: str, needs: Sequence[str] = (), last: bool = False
) -> Callable[[Callable[[Any], Awaitable[T]]], Callable[[Any], Awaitable[T]]]:
    """Make a coroutine function a probe of these requirements; it is given the `Trial`."""

    def keep(run: Callable[[Any], Awaitable[T]]) -> Callable[[Any], Awaitable[T]]:
        _keep(PROBES, Probe(_name(run), requirements, run, needs, last))
        return run

    return keep


def observation(
    *requirements: str, of: Kind, always: bool = False, general: bool = False
) -> Callable[[Callable[[Any], Iterator[Look]]], Callable[[Any], Iterator[Look]]]:
    """Make a generator function an observation of these requirements; it is given a `Sight` and yields looks."""

    def keep(look: Callable[[Any], Iterator[Look]]) -> Callable[[Any], Iterator[Look]]:
        _keep(OBSERVATIONS, Observation(_name(look), requirements, of, look, always, general))
        return look

    return keep


def _name(function: Any) -> str:
    """The name of a check: its area and its function."""
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


def _keep(table: dict[str, Any], check: Probe | Observation) -> None:
    if check.name in PROBES or check.name in OBSERVATIONS:
        raise ValueError(f"There are two checks named {check.name}.")
    table[check.name] = check
