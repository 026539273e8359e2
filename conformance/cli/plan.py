"""`acp-conformance plan`: what a run would do, before it does anything."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from conformance.catalogue import catalogue
from conformance.cli.narrowing import Area, NoComplete, ReadOnly, forbidden
from conformance.cli.outcome import Code
from conformance.cli.screen import console, document
from conformance.cli.target import File, Item, Key, McpUrl, Url, Version, target


def plan(
    url: Url = None,
    profile: File = None,
    key: Key = None,
    item: Item = None,
    version: Version = None,
    mcp_url: McpUrl = None,
    area: Area = None,
    read_only: ReadOnly = False,
    no_complete: NoComplete = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as a JSON object.")] = False,
) -> int:
    """Say what a run would send, open, buy and move, and what it could not judge; sends nothing."""
    from conformance.verdict.plan import plan as planned
    from conformance.verdict.selection import Selection

    selection = Selection(target(url, profile, key, item, version, mcp_url=mcp_url), catalogue(), tuple(area or ()))
    found = planned(selection, forbidden(read_only, no_complete))
    if as_json:
        document(asdict(found))
        return Code.OK
    out = console()
    out.print(f"{found.checks} checks of {len(selection.requirements)} requirements. {found.sentence()}", markup=False)
    for name, times in found.hooks.items():
        out.print(f"  hook {name}: {times} times", markup=False)
    for need, ids in found.missing.items():
        out.print(Text.assemble((f"? {need}", "cyan"), f" is missing: {len(ids)} requirements cannot be judged"))
    return Code.OK
