"""What a run came to, for a person at a terminal: counts by area, one line for each finding, and the claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance.cli.signs import SIGNS, counts
from conformance.reports.account import BASELINE, IN_FULL, Account, Judged
from conformance.visible import visible
from conformance.wire.curl import variables

COLOURS: Final = {
    "conformant": "bold green",
    "conformant-with-warnings": "bold green",
    "incomplete": "bold yellow",
    "non-conformant": "bold red",
    "invalid": "bold magenta",
}
MOST_LISTED: Final = 12
"""Requirements that are listed by id before the rest is counted."""


def summary(run: Mapping[str, Any], file: str) -> Group:
    """The whole of it; `file` is where the run file is."""
    return Group(*_parts(Account(run), file))


def _parts(account: Account, file: str) -> Iterator[RenderableType]:
    if account.requirements:
        yield _areas(account)
        yield ""
    for outcome in IN_FULL:
        for judged in account.of(outcome):
            yield finding(judged, account, in_full=outcome == "fail")
    yield from _open(account)
    yield from _claim(account, file)
    yield from _baseline(account.run.get("baseline", {}))


def _areas(account: Account) -> Table:
    drawn = Table.grid(padding=(0, 2, 0, 0))
    for area, counted in account.areas.items():
        drawn.add_row(area, counts(counted))
    return drawn


def finding(judged: Judged, account: Account, *, in_full: bool) -> Group:
    """One finding: the line, where the protocol says so, and a command that shows it."""
    sign, colour = SIGNS[judged["outcome"]]
    where = account.telling(judged).get("at", "")
    lines: list[RenderableType] = [
        Text.assemble((f"{sign} {judged['level']} ", colour), (judged["id"], "bold")),
        _indented(visible(judged["says"]) + (f" [{visible(where)}]" if where else "")),
    ]
    if in_full:
        lines.append(_indented(f"{judged['statement']} ({judged['source']})", "dim"))
        if judged.get("reading"):
            lines.append(
                _indented(f"The sources part: acp-conformance explain {judged['reading'].split(',')[0]}", "dim")
            )
        lines += _command(account.command(judged))
    return Group(*lines)


def _command(command: str) -> list[RenderableType]:
    named = variables(command)
    first = [_indented(f"# set {', '.join(named)} first", "dim")] if named else []
    return [*first, _indented(visible(command, lines=True), "cyan")] if command else []


def _open(account: Account) -> Iterator[RenderableType]:
    """What could not be judged, by what is missing."""
    causes = account.by_cause("untestable")
    for why, judgements in causes.items():
        yield Text.assemble(("? ", "cyan"), f"{len(judgements)} not judged: {visible(why)}")
    if causes:
        yield ""


def _claim(account: Account, file: str) -> Iterator[RenderableType]:
    run, claim = account.run, account.claim
    yield Text.assemble((claim["claim"], COLOURS[claim["claim"]]), f"  {run['profile']}, suite {run['suite']}")
    if claim["why"]:
        yield Text(visible(claim["why"]))
    if claim["claim"] != "invalid":
        yield Text(account.tally)
        if claim["unstable"]:
            yield Text(f"unstable: {', '.join(claim['unstable'])}", "bold red")
        listed = claim["not_verified"][:MOST_LISTED]
        if listed:
            rest = len(claim["not_verified"]) - len(listed)
            more = f" and {rest} more" if rest else ""
            yield _indented("not verified: " + ", ".join(listed) + more, "dim")
    yield Text(f"{len(run['exchanges'])} requests, seed {run['seed']}; run file {file}", "dim")


def _baseline(compared: Mapping[str, Any]) -> Iterator[RenderableType]:
    for name, says in BASELINE.items():
        if compared.get(name):
            sign, colour = ("–", "dim") if name == "excused" else ("✗", "bold red")
            yield Text(f"{sign} {says}: {', '.join(compared[name])}", colour)


def _indented(text: str, style: str = "") -> Padding:
    return Padding(Text(text, style), (0, 0, 0, 4))
