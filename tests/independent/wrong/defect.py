"""Ways in which a shop is wrong: a slip in what it does, or an edit of what it writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tests.independent.gate import Call
from tests.independent.reply import Reply
from tests.independent.shape import Problem

Edit = Callable[[Reply], None]
"""Changes an answer or an event in place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """What is wrong with a shop, one of:

    a `slip`, which the module that makes it asks for by name; `changes` to its version; problems in the bodies of an
    operation that it `forgives`, by a pattern of their paths and messages (a slip may say what is made of it);
    requests it `refuses` without reason, with a test of the call and its body; or an `edit` of what an operation
    (or `event`) answers with one of the statuses.
    """

    slip: str = ""
    changes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    forgives: tuple[str, str] | None = None
    refuses: tuple[str, Callable[[Call, Any], bool]] | None = None
    edit: tuple[str, range, Edit] | None = None

    def forgiven(self, operation: str, problem: Problem) -> bool:
        """Whether this problem of a body is overlooked."""
        return self.forgives is not None and (
            self.forgives[0] == operation
            and re.fullmatch(self.forgives[1], f"{problem.path} {problem.message}") is not None
        )

    def refused(self, call: Call, body: Any) -> bool:
        """Whether this request is turned down although nothing is wrong with it."""
        return self.refuses is not None and self.refuses[0] == call.operation and self.refuses[1](call, body)

    def edited(self, operation: str, reply: Reply) -> Reply:
        """What is sent in place of this answer."""
        if self.edit is None or self.edit[0] != operation or reply.status not in self.edit[1]:
            return reply
        sent = deepcopy(reply)
        self.edit[2](sent)
        return sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A shop with a name and a defect in some versions: what requirement it breaks, and which two at most besides.

    The requirements are those of `conformance/requirements`.
    """

    name: str
    breaks: str
    disturbs: tuple[str, ...] = ()
    versions: tuple[str, ...]
    defect: Defect
