"""How the command ends."""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """The exit codes, the same for every subcommand."""

    OK = 0
    FAILED = 1
    INCOMPLETE = 2
    INVALID = 3
    INTERRUPTED = 130


MEANINGS = {
    Code.OK: "conformant, with or without warnings; or done",
    Code.FAILED: "non-conformant: a MUST is broken",
    Code.INCOMPLETE: "incomplete: nothing failed, but some MUST is not verified",
    Code.INVALID: "invalid: command, profile or server cannot be used",
    Code.INTERRUPTED: "interrupted",
}
