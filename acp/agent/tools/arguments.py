"""The arguments of a call on their way to the wire: nulls that say nothing are dropped, and the rest is validated."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from acp.agent.tools.definition import full_parameters
from acp.agent.tools.marked import holds_card
from acp.agent.tools.operation import ID, Operation
from acp.agent.tools.strict import CLEAR
from schemas.explain import Explainer


class BadArguments(Exception):
    """The arguments of a call do not fit its tool; the message says where and what to do, in words for the model."""


def checked(operation: Operation, given: str | Mapping[str, Any], *, strict: bool) -> dict[str, Any]:
    """What a call asks, valid for the operation. Raises BadArguments.

    In strict mode every null is dropped, and a member that `clear` names is null. Otherwise a null is the protocol's,
    which clears a member (reading A09).
    """
    arguments = _parsed(given)
    if strict:
        cleared = _names(arguments.pop(CLEAR, None))
        arguments = _without_nulls(arguments)
        _check_clear(cleared, arguments)
        arguments |= dict.fromkeys(cleared)
    _check_cards(arguments)
    problems = _explainer(operation).problems(arguments)
    if problems:
        told = " ".join(f"{problem.path}: {problem.message}" for problem in problems[:5])
        raise BadArguments(f"Nothing was sent. Correct the arguments and call again. {told}")
    return arguments


def _parsed(given: str | Mapping[str, Any]) -> dict[str, Any]:
    try:
        arguments = json.loads(given) if isinstance(given, str) else dict(given)
    except (ValueError, RecursionError) as error:
        raise BadArguments("Nothing was sent. The arguments are not JSON; call again with one JSON object.") from error
    if not isinstance(arguments, dict):
        raise BadArguments("Nothing was sent. The arguments are one JSON object; call again with that.")
    return arguments


def _names(cleared: Any) -> list[str]:
    if cleared is None:
        return []
    if not isinstance(cleared, list) or not all(isinstance(name, str) for name in cleared):
        raise BadArguments(
            f"Nothing was sent. Correct the arguments and call again. $.{CLEAR}: a list of names, or null."
        )
    return cleared


def _check_clear(cleared: list[str], arguments: Mapping[str, Any]) -> None:
    both = [name for name in cleared if name in arguments and name != ID]
    if both:
        raise BadArguments(f"Nothing was sent. {', '.join(both)}: either give a value or name it in {CLEAR}, not both.")


def _check_cards(arguments: Mapping[str, Any]) -> None:
    """How it is paid is not the model's to say, and what it was shown of a card goes no further."""
    for name, each in arguments.items():
        if any(map(holds_card, _texts(each))):
            raise BadArguments(
                f"Nothing was sent. $.{name} holds what looks like a card number. Leave it out and call again; how it "
                "is paid is settled without you."
            )


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, (dict, list)):
        for each in [*node, *node.values()] if isinstance(node, dict) else node:
            yield from _texts(each)


@cache
def _explainer(operation: Operation) -> Explainer:
    return Explainer(full_parameters(operation))


def _without_nulls(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _without_nulls(each) for name, each in node.items() if each is not None}
    if isinstance(node, list):
        return [_without_nulls(each) for each in node if each is not None]
    return node
