"""A request that is about to be sent: the control request, or that with one thing changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Final

UNSET: Final = object()
"""The value that takes a member away."""


@dataclass(frozen=True)
class Draft:
    """A request for an operation. `key` is the idempotency key: "new" for one of its own, None for none.

    >>> draft.without("buyer.email").changed({"line_items.0.id": 7}).headed({"API-Version": None})
    """

    operation: str
    session: str | None = None
    body: Any = UNSET
    raw: bytes | None = None
    key: str | None = "new"
    headers: Mapping[str, str | None] = field(default_factory=dict)
    path: str | None = None

    def changed(self, members: Mapping[str, Any]) -> Draft:
        """With these members set; a name with dots reaches into objects and, by numbers, into arrays."""
        return replace(self, body=with_members({} if self.body is UNSET else self.body, members))

    def without(self, *names: str) -> Draft:
        """With these members taken away."""
        return self.changed(dict.fromkeys(names, UNSET))

    def headed(self, headers: Mapping[str, str | None]) -> Draft:
        """With these headers set; None leaves one out."""
        return replace(self, headers={**self.headers, **headers})

    def keyed(self, key: str | None) -> Draft:
        """With this idempotency key."""
        return replace(self, key=key)

    def to(self, url: str) -> Draft:
        """To this URL instead of that of its operation."""
        return replace(self, path=url)

    def said(self, raw: bytes) -> Draft:
        """With these bytes as the body, whatever they are."""
        return replace(self, raw=raw)

    @property
    def content(self) -> bytes:
        """The body as it is sent; empty where there is none."""
        if self.raw is not None:
            return self.raw
        return b"" if self.body is UNSET else json.dumps(self.body, ensure_ascii=False).encode()


def with_members(document: Any, members: Mapping[str, Any]) -> Any:
    """A copy of a document with these members set, as `Draft.changed` has them."""
    body = deepcopy(document)
    for name, value in members.items():
        _set(body, name.split("."), value)
    return body


def _set(body: Any, steps: list[str], value: Any) -> None:
    here = body
    for step, then in zip(steps, [*steps[1:], ""], strict=True):
        last = then == ""
        at: Any = int(step) if isinstance(here, list) else step
        if last and value is UNSET:
            if isinstance(here, dict):
                here.pop(at, None)
            elif at < len(here):
                del here[at]
        elif last and isinstance(here, list) and at == len(here):
            here.append(value)
        elif last:
            here[at] = value
        else:
            if isinstance(here, dict) and not isinstance(here.get(at), (dict, list)):
                if value is UNSET:
                    return
                here[at] = {}
            here = here[at]
