"""How the command ends."""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """The exit codes, the same for every subcommand."""

    OK = 0
    USAGE = 2
    INVALID = 3
    INTERRUPTED = 130


MEANINGS = {
    Code.OK: "done, even where nothing matched",
    Code.USAGE: "the command was used wrongly, or there is no such id",
    Code.INVALID: "the requirements or readings that were installed are damaged",
    Code.INTERRUPTED: "interrupted",
}
