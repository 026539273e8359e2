"""`acp-conformance doctor`: is everything wired, before anything is judged?"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from conformance.cli.narrowing import Timeout
from conformance.cli.outcome import Code
from conformance.cli.screen import console, document
from conformance.cli.target import File, Item, Key, McpUrl, Url, Version, target
from conformance.visible import visible

if TYPE_CHECKING:
    from conformance.profile import Profile
    from conformance.verdict.examination import Part
    from conformance.wire.line import Limits

_SIGNS = {"ok": ("✓", "green"), "missing": ("–", "yellow"), "wrong": ("✗", "bold red")}


def doctor(
    url: Url = None,
    profile: File = None,
    key: Key = None,
    item: Item = None,
    version: Version = None,
    mcp_url: McpUrl = None,
    timeout: Timeout = 10.0,
    as_json: Annotated[bool, typer.Option("--json", help="The same as a JSON object.")] = False,
) -> int:
    """Try the way to the shop: address, TLS, key, item, discovery, PSP, payment, webhook. It opens one session."""
    from conformance.wire.line import Limits

    found = asyncio.run(
        _examined(target(url, profile, key, item, version, mcp_url=mcp_url), Limits(request_seconds=timeout))
    )
    ok = all(each.state != "wrong" for each in found)
    if as_json:
        document({"ok": ok, "findings": [asdict(each) for each in found]})
    else:
        for each in found:
            sign, colour = _SIGNS[each.state]
            console().print(Text.assemble((f"{sign} ", colour), (f"{each.part:<10}", "bold"), visible(each.says)))
    return Code.OK if ok else Code.INVALID


async def _examined(profile: Profile, limits: Limits) -> Sequence[Part]:
    from conformance.verdict.examination import examine
    from conformance.verdict.judgement import Terms, trial_of

    terms = Terms(random.SystemRandom().randrange(2**32), limits)
    async with trial_of(profile, terms, lambda: datetime.now(UTC)) as trial:
        found = await examine(trial)
        if "merchant" in profile.roles:
            await trial.leave()
        return found
