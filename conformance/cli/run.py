"""`acp-conformance run`: judge a shop, and say what came of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conformance.catalogue import catalogue
from conformance.cli.narrowing import (
    Area,
    Baseline,
    Budget,
    Level,
    NoComplete,
    Only,
    Rate,
    ReadOnly,
    Repeat,
    Seed,
    Timeout,
    forbidden,
)
from conformance.cli.outcome import Code
from conformance.cli.screen import console, document, write
from conformance.cli.target import File, Item, Key, Listen, McpUrl, Url, Version, WebhookUrl, target

if TYPE_CHECKING:
    from conformance.verdict.baseline import Known
    from conformance.verdict.judgement import Terms
    from conformance.verdict.runner import Run
    from conformance.verdict.selection import Selection

OUTPUT = Path("acp-conformance-run.json")


def run(
    url: Url = None,
    profile: File = None,
    key: Key = None,
    item: Item = None,
    version: Version = None,
    mcp_url: McpUrl = None,
    area: Area = None,
    level: Level = None,
    only: Only = None,
    read_only: ReadOnly = False,
    no_complete: NoComplete = False,
    budget: Budget = 5_000,
    rate: Rate = None,
    timeout: Timeout = 10.0,
    seed: Seed = None,
    repeat: Repeat = 1,
    baseline: Baseline = None,
    listen: Listen = None,
    webhook_base_url: WebhookUrl = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the run file goes.")] = OUTPUT,
    as_json: Annotated[bool, typer.Option("--json", help="The run file on standard output too.")] = False,
) -> int:
    """Judge a shop (and its PSP) against the protocol, and write everything that was said into a run file."""
    from conformance.verdict import runfile
    from conformance.verdict.judgement import Terms
    from conformance.verdict.selection import Selection
    from conformance.wire.line import Limits

    known = read_baseline(baseline)
    received = {"listen": listen, "base_url": webhook_base_url}
    brought = target(url, profile, key, item, version, webhook=received, mcp_url=mcp_url)
    selection = Selection(brought, catalogue(), tuple(area or ()), tuple(level or ()), tuple(only or ()))
    seeded = random.SystemRandom().randrange(2**32) if seed is None else seed
    limits = Limits(request_seconds=timeout, vain_seconds=min(40.0, timeout * 4), requests=budget, per_second=rate)
    terms = Terms(seeded, limits, forbidden(read_only, no_complete), repeat)
    announce(selection, terms)
    written = written_down(selection, terms, known, quiet=as_json)
    write(output, runfile.text(written))
    if as_json:
        document(written)
    else:
        from conformance.cli.summary import summary

        console().print(summary(written, str(output)))
    return ending(written)


def written_down(selection: Selection, terms: Terms, known: Sequence[Known] | None, *, quiet: bool) -> dict[str, Any]:
    """The run file of a run that is made now, held against the baseline where there is one."""
    from conformance.verdict import runfile
    from conformance.verdict.baseline import compare

    began = _now()
    done = judge_with_progress(selection, terms, quiet=quiet)
    written = runfile.document(done, seed=terms.seed, began=began, ended=_now())
    if known is None or done.wiring:
        return written
    return runfile.sealed({**written, "baseline": compare(written, known, began.date()).to_dict()})


def announce(selection: Selection, terms: Terms) -> None:
    """Say on standard error what the run is going to do, before it does anything."""
    from conformance.verdict.plan import plan

    typer.echo(plan(selection, terms.forbidden).sentence(), err=True)


def ending(written: Mapping[str, Any]) -> int:
    """The exit code of a run: that of its claim, or of its baseline where it has one."""
    from conformance.verdict.claim import EXIT_CODES

    if written["interrupted"]:
        return Code.INTERRUPTED
    if "baseline" in written:
        held = not any(written["baseline"][name] for name in ("new", "stale", "expired"))
        return Code.OK if held else Code.FAILED
    return EXIT_CODES[written["claim"]["claim"]]


def read_baseline(file: Path | None) -> Sequence[Known] | None:
    """The entries of a baseline file, None without one."""
    from conformance.verdict.baseline import read

    return None if file is None else read(file)


def judge_with_progress(selection: Selection, terms: Terms, *, quiet: bool) -> Run:
    """The run, with its progress on standard error; Ctrl-C ends it early, and it says how far it came."""
    from conformance.cli.progress import Progress
    from conformance.verdict.judgement import judgement

    with Progress(selection, quiet=quiet) as progress:
        return asyncio.run(judgement(selection, terms, _now, progress.tell))


def _now() -> datetime:
    return datetime.now(UTC)
