"""Everything the judge raises on purpose.

ConformanceError
├── BadBaseline             a baseline cannot be read or used; the sentence names the entry
├── BadCatalogue            a file of records breaks its own rules; the sentence names the file and the record
├── BadProfile              a profile file cannot be used; the sentence names the member and what to write
├── BadRunFile              a run file cannot be read, or was changed; the sentence says which
├── LineClosed              nothing more can come of sending: the budget is spent, or the server is gone
└── UnknownId               no requirement and no reading has this id; `near` are the ids that may have been meant
    ├── UnknownRequirement  no requirement has it
    └── UnknownReading      no reading has it

What a check raises is in `conformance.findings`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class ConformanceError(Exception):
    """The root of every error of the judge."""


class BadBaseline(ConformanceError):
    """A baseline cannot be used."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.file = file


class BadCatalogue(ConformanceError):
    """A file of records cannot be read, or a record in it breaks the rules; `file` and `id` say which."""

    def __init__(self, file: str, id: str, problem: str) -> None:
        super().__init__(": ".join(part for part in (file, id, problem) if part))
        self.file = file
        self.id = id


class BadProfile(ConformanceError):
    """A profile file cannot be read or used; `at` is the member, such as `payment.token`, empty for the whole file."""

    def __init__(self, file: str, at: str, problem: str) -> None:
        super().__init__(": ".join(part for part in (file, at, problem) if part))
        self.file = file
        self.at = at


class BadRunFile(ConformanceError):
    """A run file cannot be used."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.file = file


class LineClosed(ConformanceError):
    """No more requests can be sent; the sentence says why."""


class UnknownId(ConformanceError):
    """Nothing has this id; `near` are the ids that may have been meant, the likeliest first."""

    noun: ClassVar[str] = "requirement or reading"

    def __init__(self, id: str, near: Sequence[str]) -> None:
        super().__init__(f"There is no {self.noun} {id!r}.{_meant(near)}")
        self.id = id
        self.near = tuple(near)


class UnknownRequirement(UnknownId):
    """No requirement has this id."""

    noun = "requirement"


class UnknownReading(UnknownId):
    """No reading has this id."""

    noun = "reading"


def _meant(near: Sequence[str]) -> str:
    return f" Did you mean {' or '.join(near)}?" if near else ""
