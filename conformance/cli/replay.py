"""`acp-conformance replay`: make the checks of one requirement again, and show every word that is said."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from conformance.catalogue import catalogue
from conformance.cli.screen import console, document
from conformance.cli.signs import SIGNS
from conformance.cli.target import File, Item, Key, McpUrl, Url, Version, target
from conformance.visible import visible


def replay(
    id: Annotated[str, typer.Argument(metavar="ID", help="The requirement.", show_default=False)],
    url: Url = None,
    profile: File = None,
    key: Key = None,
    item: Item = None,
    version: Version = None,
    mcp_url: McpUrl = None,
    before: Annotated[
        Path | None, typer.Option("--run", metavar="FILE", help="A run file to compare with.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The run file of this replay.")] = False,
) -> int:
    """Make the checks of one requirement again, with sessions of their own, and show requests and answers in full."""
    from conformance.cli.run import ending, written_down
    from conformance.verdict import runfile
    from conformance.verdict.judgement import Terms
    from conformance.verdict.selection import Selection

    wanted = catalogue()[id]
    earlier = runfile.read(before) if before else None
    brought = target(url, profile, key, item, version, mcp_url=mcp_url)
    terms = Terms(random.SystemRandom().randrange(2**32))
    canonical = wanted.same_as or wanted.id
    written = written_down(Selection(brought, catalogue(), ids=[canonical]), terms, None, quiet=True)
    if as_json:
        document(written)
    else:
        for line in _told(
            written, {each["id"]: each["outcome"] for each in earlier["requirements"]} if earlier else {}
        ):
            console().print(line, soft_wrap=True)
    return ending(written)


def _told(written: Mapping[str, Any], before: Mapping[str, str]) -> Iterator[Text]:
    """Every exchange, and then what came of the requirement, beside what came of it before."""
    from conformance.cli.dialogue import dialogue

    for record in written["exchanges"]:
        yield from dialogue(record)
        yield Text()
    for judged in written["requirements"]:
        sign, colour = SIGNS[judged["outcome"]]
        was = f" (it was {before[judged['id']]})" if judged["id"] in before else ""
        yield Text.assemble((f"{sign} {judged['outcome']}{was} ", colour), (judged["id"], "bold"))
        yield Text(f"  {visible(judged['says'])}")
    if written["claim"]["why"]:
        yield Text(visible(written["claim"]["why"]), "bold red")
