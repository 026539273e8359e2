"""`acp-conformance diff`: what changed between two runs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from conformance.cli.outcome import Code
from conformance.cli.screen import console, document
from conformance.visible import visible

_COLOURS = {"broke": "bold red", "lost": "yellow", "changed": "cyan", "gained": "green", "mended": "green"}


def diff(
    old: Annotated[Path, typer.Argument(help="The run file to compare with.", show_default=False)],
    new: Annotated[Path, typer.Argument(help="The later run file.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="The same as a JSON object.")] = False,
) -> int:
    """List the requirements that came out otherwise; fails when one broke that was not broken before."""
    from conformance.verdict import runfile
    from conformance.verdict.difference import changes

    before, after = runfile.read(old), runfile.read(new)
    found = changes(before, after)
    if as_json:
        claims = {"old": before["claim"]["claim"], "new": after["claim"]["claim"]}
        document({"claims": claims, "changes": [asdict(each) for each in found]})
    else:
        for each in found:
            ways = f"{each.before or 'not judged'} → {each.after or 'not judged'}"
            console().print(Text(f"{each.way:<8} {each.level:<10} {each.id}: {ways}", _COLOURS[each.way]))
            if each.way == "broke":
                console().print(Text(f"         {visible(each.says)}"))
        console().print(f"{before['claim']['claim']} → {after['claim']['claim']}; {len(found)} changed")
    return Code.FAILED if any(each.way == "broke" and each.after == "fail" for each in found) else Code.OK
