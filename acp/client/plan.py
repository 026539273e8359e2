"""What a client does, told without I/O: a plan yields steps, and a shell that can do I/O performs them.

A plan reads like ordinary code: what a step brings comes back from `yield`, and what goes wrong is raised there. So the
retries, the care around a payment and a whole purchase are each written once, for programs that wait and that await.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from inspect import isawaitable, iscoroutine
from typing import Any, TypeAlias, TypeVar, cast

from acp.client.exchange import Request
from acp.errors import UsageError

T = TypeVar("T")


@dataclass(frozen=True)
class Send:
    """Send a request; brings its Reply, or raises TransportError."""

    request: Request


@dataclass(frozen=True)
class Pause:
    """Wait."""

    seconds: float


@dataclass(frozen=True)
class Ask:
    """Have a function of the caller's decide something; brings what it returns, or raises what it raises."""

    hook: Callable[..., Any]
    arguments: tuple[Any, ...]


Step: TypeAlias = Send | Pause | Ask
Plan: TypeAlias = Generator[Step, Any, T]


def at_once(answer: Any) -> Any:
    """What a hook returned, for a program that cannot await it."""
    if isawaitable(answer):
        if iscoroutine(answer):
            answer.close()
        raise UsageError("A function that is awaited needs the AsyncClient; Client takes plain ones.")
    return answer


async def in_time(answer: Any) -> Any:
    """What a hook returned, awaited where it has to be."""
    return await answer if isawaitable(answer) else answer


def perform(plan: Plan[T], do: Callable[[Step], Any]) -> T:
    """What a plan returns once each of its steps was done."""
    try:
        step = next(plan)
        while True:
            try:
                brought = do(step)
            except BaseException as error:  # an interruption too: a plan may have something to say about it
                step = plan.throw(error)
            else:
                step = plan.send(brought)
    except StopIteration as end:
        return cast("T", end.value)


async def perform_awaited(plan: Plan[T], do: Callable[[Step], Awaitable[Any]]) -> T:
    """As `perform`, with steps that are awaited."""
    try:
        step = next(plan)
        while True:
            try:
                brought = await do(step)
            except BaseException as error:  # a cancellation too
                step = plan.throw(error)
            else:
                step = plan.send(brought)
    except StopIteration as end:
        return cast("T", end.value)
