"""A secret of its own for each database file: made once, kept beside it, read again when the shop opens again."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from acp.errors import UsageError

KEY_BYTES = 32


def key_beside(database: Path) -> bytes:
    """The key in `<database>.key`, which only its owner may read. Raises UsageError when there can be none."""
    path = database.with_name(database.name + ".key")
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The key file {path} cannot be used: {error.strerror}.") from error
    if len(key) != KEY_BYTES:
        raise UsageError(f"The key file {path} is not one: it has {len(key)} bytes instead of {KEY_BYTES}.")
    return key


def _make(path: Path) -> None:
    """Write the whole key, then give it its name; of several processes that open at once the first one's stays."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
