"""The report in short, as Markdown: what a pull request or a job summary shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from conformance.reports.account import IN_FULL, Account, Judged
from conformance.verdict.outcome import OUTCOMES, SIGNS
from conformance.visible import visible

MOST_TOLD: Final = 20
"""Findings of one outcome that are told; a comment on a pull request has no room for a thousand."""

_SPECIAL: Final = re.compile(r"[\\`*\[\]<>&|~@#$!:]|\b_|_\b|(?<=www)\.", re.IGNORECASE)
_CALLING: Final = "@#"
"""What calls a person or names an issue; a comment after it keeps it from doing so."""


def markdown(run: Mapping[str, Any]) -> str:
    """The Markdown of a run file."""
    return "\n".join(_lines(Account(run))) + "\n"


def _lines(account: Account) -> Iterator[str]:
    run, claim = account.run, account.claim["claim"]
    yield f"## {SIGNS['pass' if claim.startswith('conformant') else 'fail']} {claim}: `{run['profile']}`"
    yield ""
    if claim != "invalid":
        yield f"**{account.tally}**"
    yield from (f"\n{_text(caveat)}" for caveat in account.caveats)
    yield ""
    if account.requirements:
        yield from _areas(account)
    for outcome in IN_FULL:
        yield from _findings(outcome, account.of(outcome), account)
    for title, ids in account.lists.items():
        yield from _folded(f"{len(ids):,} {title}", [f"`{id}`" for id in ids])
    targets = ", ".join(f"{role} {_text(url)}" for role, url in run["targets"].items())
    yield f"{targets} · suite {run['suite']} · {run['began']} · seed {run['seed']} · run file `{run['digest']}`"


def _areas(account: Account) -> Iterator[str]:
    shown = [outcome for outcome in OUTCOMES if account.counts[outcome]]
    yield f"| area | {' | '.join(shown)} |"
    yield "| --- |" + " --: |" * len(shown)
    for area, counts in account.areas.items():
        yield f"| {area} | {' | '.join(str(counts[outcome] or '') for outcome in shown)} |"
    yield ""


def _findings(outcome: str, judgements: Sequence[Judged], account: Account) -> Iterator[str]:
    if not judgements:
        return
    yield f"### {outcome} ({len(judgements):,})"
    yield ""
    for judged in judgements[:MOST_TOLD]:
        place = account.telling(judged).get("at", "")
        at = f" at {_text(place)}" if place else ""
        yield f"- **{judged['level']}** `{judged['id']}`: {_text(judged['says'])}{at}"
        yield f"  <br>{_text(judged['statement'])} ({_text(judged['source'])})"
    rest = len(judgements) - MOST_TOLD
    if rest > 0:
        yield f"- and {rest:,} more"
    yield ""


def _folded(title: str, entries: Sequence[str]) -> Iterator[str]:
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield from (f"- {entry}" for entry in entries)
    yield ""
    yield "</details>"
    yield ""


def _text(said: str) -> str:
    """Words as words: no markup, no link, nobody called and no issue named by what a server said."""
    return _SPECIAL.sub(_spelled, visible(said))


def _spelled(found: re.Match[str]) -> str:
    char = found.group()
    return f"&#{ord(char)};" + ("<!-- -->" if char in _CALLING else "")
