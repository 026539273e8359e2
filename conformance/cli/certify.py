"""`acp-conformance certify`: the launch checklist of a platform, with everything that shows it in one bundle."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from conformance.cli.outcome import Code
from conformance.cli.screen import console, document
from conformance.cli.target import File, Item, Key, Url, Version, target
from conformance.errors import BadProfile
from conformance.visible import visible

_SIGNS = {"shown": ("✓", "green"), "attested": ("☑", "green"), "open": ("?", "yellow"), "failed": ("✗", "bold red")}


def certify(
    platform: Annotated[str, typer.Argument(help="The platform: openai.", show_default=False)],
    url: Url = None,
    profile: File = None,
    key: Key = None,
    item: Item = None,
    version: Version = None,
    attest: Annotated[
        list[str] | None, typer.Option(metavar="ITEM=WORDS", help="Your word for an item, such as C9='Ada, 3 May'.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the bundle goes.")] = Path(
        "acp-evidence.zip"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="The checklist as a JSON object.")] = False,
) -> int:
    """Run every check, hold the result against the platform's launch checklist, and pack run, report and list."""
    from conformance.catalogue import catalogue
    from conformance.cli.run import written_down
    from conformance.platform import names, shown
    from conformance.platform import platform as platform_named
    from conformance.reports.bundle import write_bundle
    from conformance.verdict.judgement import Terms
    from conformance.verdict.selection import Selection

    if platform not in names():
        raise BadProfile("", "", f"There is no platform {platform!r}; there is: {', '.join(names())}.")
    brought = target(url, profile, key, item, version, platform=platform)
    terms = Terms(random.SystemRandom().randrange(2**32))
    run = written_down(Selection(brought, catalogue()), terms, None, quiet=as_json)
    items = shown(platform_named(platform).checklist, run, attested_by(attest or []))
    write_bundle(output, run, items)
    if as_json:
        checklist = [{"id": each.item.id, "state": each.state, "says": each.says} for each in items]
        document({"platform": platform, "claim": run["claim"]["claim"], "bundle": str(output), "checklist": checklist})
    else:
        for each in items:
            sign, colour = _SIGNS[each.state]
            console().print(
                Text.assemble((f"{sign} {each.item.id:<4}", colour), f"{each.item.shows} {visible(each.says)}")
            )
        console().print(f"{run['claim']['claim']}; evidence in {output}", markup=False)
    states = {each.state for each in items}
    return Code.FAILED if "failed" in states else Code.INCOMPLETE if "open" in states else Code.OK


def attested_by(words: list[str]) -> dict[str, str]:
    """What persons attest, by item. Raises BadProfile for an entry without an item or without words."""
    found = {}
    for entry in words:
        item, _, said = entry.partition("=")
        if not item.strip() or not said.strip():
            raise BadProfile("", "", f"--attest {entry!r} must be an item and your words, such as C9='Ada, 3 May'.")
        found[item.strip()] = said.strip()
    return found
