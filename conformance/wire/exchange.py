"""One request and what came of it: an answer, or a failure that says why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Literal

from conformance.document import Document
from conformance.wire import stream

Purpose = Literal["control", "probe", "hook"]
"""Why a request is sent: it must succeed, it tries something out, or it moves the shop behind the scenes."""

FailureKind = Literal["unreachable", "tls", "timeout", "broken-off", "too-large", "elsewhere"]

NOT_JSON: Final = object()
"""What `Exchange.document` is where the body is no JSON text."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request has no whole answer: `says` is a sentence with what to do about it."""

    kind: FailureKind
    says: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it was sent; header names as they are written."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of this name."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)

    @property
    def document(self) -> Any:
        """The JSON value of the body, None where there is none."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came: header names in lower case, the body as its bytes."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(eq=False)
class Exchange:
    """A request and its answer. `operation` is one of `conformance.dialect.OPERATIONS`; `seconds` is how long it took.

    `number` counts the exchanges of a run. `session` is the checkout session it is about, and
    `hook` the hook that sent it, where there is one.
    """

    number: int
    operation: str
    purpose: Purpose
    sent: Sent
    began: datetime
    seconds: float
    answer: Answer | None = None
    failure: Failure | None = None
    session: str | None = None
    hook: str = ""
    record: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def status(self) -> int:
        """The HTTP status; 0 where there is no answer."""
        return self.answer.status if self.answer else 0

    @property
    def succeeded(self) -> bool:
        """Whether it was answered with a 2xx."""
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether it was answered with a 4xx."""
        return 400 <= self.status < 500

    def header(self, name: str) -> str | None:
        """The first header of the answer with this name."""
        headers = self.answer.headers if self.answer else ()
        return next((value for known, value in headers if known == name.lower()), None)

    @cached_property
    def document(self) -> Any:
        """The JSON value of the answer, of an event stream that of its answering message; NOT_JSON where it is none."""
        if self.answer and stream.is_stream(self.header("content-type")):
            return stream.answer(self.answer.body) or NOT_JSON
        try:
            return json.loads(self.answer.body.decode()) if self.answer else NOT_JSON
        except (ValueError, RecursionError):
            return NOT_JSON

    @cached_property
    def body(self) -> Document:
        """The answer as a document to select from; an empty one where it is no JSON object."""
        return Document(self.document if isinstance(self.document, dict) else {})

    @property
    def label(self) -> str:
        """What it was, in a few words: `POST /checkout_sessions → 201`."""
        said = str(self.status) if self.answer else (self.failure.kind if self.failure else "nothing")
        path = "/" + self.sent.url.split("://", 1)[-1].partition("/")[2]
        return f"{self.sent.method} {path.partition('?')[0]} → {said}"
