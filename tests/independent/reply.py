"""What leaves the shop: an answer, or a refusal that becomes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Reply:
    """A status, a body that can be written as JSON, and headers beside those that every answer has."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """A request is turned down: the flat error of the protocol, raised where the reason is found."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        type: str = "invalid_request",
        headers: Mapping[str, str] | None = None,
        supported_versions: list[str] | None = None,
    ) -> None:
        super().__init__(message)
        given = {
            "type": type,
            "code": code,
            "message": message,
            "param": param,
            "supported_versions": supported_versions,
        }
        self.status = status
        self.body = {name: value for name, value in given.items() if value is not None}
        self.headers = dict(headers or {})

    def reply(self) -> Reply:
        """The answer that says so."""
        return Reply(self.status, self.body, self.headers)
