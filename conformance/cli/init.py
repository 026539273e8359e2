"""`acp-conformance init`: write a profile to begin with."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from conformance.cli.outcome import Code
from conformance.cli.screen import console, write
from conformance.cli.target import DEFAULT_FILE, LATEST
from conformance.dialect import DIALECTS
from conformance.errors import BadProfile
from conformance.visible import visible


def init(
    url: Annotated[str, typer.Argument(help="The base URL of the shop, or its domain.", show_default=False)],
    item: Annotated[str, typer.Option(metavar="ID", help="An item that can be bought.")] = "sku-1",
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where it goes.")] = DEFAULT_FILE,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> int:
    """Ask the shop what it declares, and write a commented profile; sends one request, for the discovery document."""
    from conformance.profile.starter import starter

    if output.exists() and not force:
        raise BadProfile(
            str(output), "", "is there already; name another with --output, or write over it with --force."
        )
    address = url if "://" in url else f"https://{url}"
    declared = asyncio.run(_declared(address))
    base, version = declared.get("api_base_url", address), declared.get("version", LATEST)
    text = starter(base, item, version if version in DIALECTS else LATEST)
    write(output, text)
    found = (
        "as the shop declares" if declared else "the shop has no discovery document, so the address is taken as it is"
    )
    console().print(f"{output}: {visible(base or address)}, {found}.", markup=False)
    console().print("Set ACP_KEY and the item, then: acp-conformance doctor", markup=False)
    return Code.OK


async def _declared(url: str) -> dict[str, str]:
    """What the discovery document says about address and version; empty where there is none."""
    from conformance.profile import Profile
    from conformance.profile.starter import declared
    from conformance.trial.draft import Draft
    from conformance.verdict.judgement import Terms, trial_of

    profile = Profile({"version": LATEST, "merchant": {"url": url}})
    async with trial_of(profile, Terms(0), _now) as trial:
        return declared((await trial.shop.send(Draft("discover"))).document)


def _now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)
