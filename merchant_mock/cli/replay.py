"""`acp-merchant replay`: send a recording again and say where the answers differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from acp.errors import UsageError
from merchant_mock.catalogue import BUILT_IN

if TYPE_CHECKING:
    from merchant_mock.recording.replay import Outcome

MOST_SHOWN = 10
"""Differences of one answer that are shown; --json has them all."""

MOST_LETTERS = 200
"""Letters of a value that are shown."""


def replay(
    recording: Annotated[
        Path, typer.Argument(metavar="FILE|DIR", help="A recording, or a folder whose last one is taken.")
    ],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="URL", help="Send it to this shop.", show_default="a new one as it was recorded"),
    ] = None,
    api_key: Annotated[str | None, typer.Option(metavar="KEY", help="Bearer key of the shop at --to.")] = None,
    catalogue: Annotated[
        Path, typer.Option("--catalogue", metavar="FILE", help="What the new shop sells.", show_default="its own")
    ] = BUILT_IN,
    as_json: Annotated[bool, typer.Option("--json", help="One exchange a line, as JSON.")] = False,
) -> int:
    """Send the recorded requests again, in order, and compare the answers: 0 they are the same, 1 they differ."""
    from merchant_mock.recording.tape import newest, read

    compared = differing = 0
    for outcome in _outcomes(read(newest(recording)), to, api_key, catalogue):
        compared += outcome.left_out is None
        differing += bool(outcome.differences)
        for line in [json.dumps(outcome.to_dict())] if as_json else _told(outcome):
            typer.echo(line)
    if not as_json:
        typer.echo(f"{compared} compared, {differing} differ.")
    return 1 if differing else 0


def _outcomes(tape: Any, to: str | None, api_key: str | None, catalogue: Path) -> Iterator[Outcome]:
    from merchant_mock.recording.replay import replay, replay_to

    if to is None:
        if api_key is not None:
            raise UsageError("--api-key is the key of the shop at --to; name that too.")
        return replay(tape, catalogue)
    if not to.startswith(("http://", "https://")):
        raise UsageError("The address of --to must begin with http:// or https://.")
    if not api_key:
        raise UsageError("A shop at --to is asked with a key of its own: pass --api-key.")
    return replay_to(tape, to, api_key)


def _told(outcome: Outcome) -> Iterator[str]:
    """What is said of one outcome: nothing where it is the same."""
    if outcome.left_out:
        yield f"{_plain(outcome.what)}: left out, {outcome.left_out}"
    elif outcome.differences:
        yield _plain(outcome.what)
        for difference in outcome.differences[:MOST_SHOWN]:
            yield f"  {_plain(difference.where)}"
            yield f"    - {_value(difference.was)}"
            yield f"    + {_value(difference.now)}"
        if (more := len(outcome.differences) - MOST_SHOWN) > 0:
            yield f"  and {more} more"


def _value(value: Any) -> str:
    """A value in ASCII, on one line."""
    told = json.dumps(value)
    return told if len(told) <= MOST_LETTERS else f"{told[:MOST_LETTERS]}…"


def _plain(text: str) -> str:
    """A text from the wire, so that it cannot move the cursor of a terminal."""
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
