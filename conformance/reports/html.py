"""The report as a page: one file that needs no other, asks nobody for anything and runs no script but its own."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from conformance.catalogue import LEVELS
from conformance.interpretation import Reading, readings
from conformance.reports.account import IN_FULL, Account, Judged, label
from conformance.reports.body import body
from conformance.verdict.claim import Word
from conformance.verdict.outcome import MEANINGS, OUTCOMES, SIGNS, Outcome
from conformance.visible import visible
from conformance.wire.curl import variables

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

FOLDER: Final = Path(__file__).parent / "page"

PUBLISHED: Final = "https://github.com/agentic-commerce-protocol/agentic-commerce-protocol/blob/c2afc86/"
"""Where the files can be read that a requirement names as its source."""

HEADLINES: Final[Mapping[Word, str]] = {
    "conformant": "Conformant",
    "conformant-with-warnings": "Conformant, with warnings",
    "incomplete": "Incomplete",
    "non-conformant": "Non-conformant",
    "invalid": "Invalid",
}

_FILE: Final = re.compile(r"\b((?:rfcs|spec|docs|examples|changelog)/[\w./-]+\.(?:md|json|yaml))")


@dataclass(frozen=True, slots=True)
class Section:
    """The requirements of one outcome: each in full, or folded in groups, by their area or the cause."""

    outcome: Outcome
    title: str
    says: str
    by: Literal["area", "cause"] = "area"

    def groups(self, account: Account) -> Mapping[str, Sequence[Judged]]:
        """The requirements by the name of their group."""
        return account.by_cause(self.outcome) if self.by == "cause" else account.by_area(self.outcome)


SECTIONS: Final = (
    Section("fail", "Failures", "A MUST was broken. Each is told once, where it shows."),
    Section("error", "Errors", "The suite or the network failed here, which says nothing about the shop."),
    Section("warn", "Warnings", "A SHOULD was broken, or a rule on which the published sources part."),
    Section("untestable", "Not judged", "These apply, but something was missing; grouped by what it was.", "cause"),
    Section("review", "For review", "Nobody can see these from outside; a person vouches for them.", "cause"),
    Section("pass", "Kept", "Exercised in this run, and found kept."),
    Section("not-applicable", "Not applicable", "These do not concern this shop or this version."),
    Section("disabled", "Switched off", "The profile switches these off."),
)
"""The sections of the page, what asks for work first."""


def html(run: Mapping[str, Any]) -> str:
    """The page of a run file."""
    account = Account(run)
    return _environment().get_template("page.html.j2").render(account=account, run=run, claim=account.claim)


@cache
def _environment() -> Environment:
    """The templates. Whatever they write is escaped, and what would not show as itself is made visible before."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        autoescape=True,
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(number="{:,}".format, moment=_moment)
    made.globals.update(
        body=body, cited=_cited, label=label, readings=_readings, shares=_shares, variables=variables,
        headlines=HEADLINES, in_full=IN_FULL, levels=LEVELS, meanings=MEANINGS, outcomes=OUTCOMES, sections=SECTIONS,
        signs=SIGNS, policy=_policy(), script=_own("page.js"), style=_own("page.css"),
    )  # fmt: skip
    return made


def _shown(value: Any) -> Any:
    return visible(value, lines=True) if type(value) is str else value


def _own(name: str) -> Markup:
    from markupsafe import Markup

    return Markup((FOLDER / name).read_text(encoding="utf-8"))  # noqa: S704  # ours, whole, and hashed


def _policy() -> str:
    """What the page may do: use its own style and run its own script, known by their hashes."""
    style, script = (b64encode(sha256(_own(name).encode()).digest()).decode() for name in ("page.css", "page.js"))
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _moment(iso: str) -> str:
    return datetime.fromisoformat(iso).strftime("%Y-%m-%d %H:%M:%S %Z")


def _cited(source: str) -> Markup:
    """The sources of a requirement, each file a link to what is published."""
    from markupsafe import Markup

    parts = _FILE.split(source)
    link = Markup('<a href="{}{}" rel="noreferrer">{}</a>')
    return Markup("").join(link.format(PUBLISHED, part, part) if n % 2 else part for n, part in enumerate(parts))


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a bar, in hundredths of its width."""

    outcome: Outcome
    start: float
    width: float


def _shares(counts: Mapping[str, int]) -> Iterator[Share]:
    all, start = sum(counts.values()), 0.0
    for outcome in OUTCOMES:
        width = 100 * counts.get(outcome, 0) / all
        if width:
            yield Share(outcome, round(start, 3), round(width, 3))
        start += width


def _readings(judged: Judged) -> list[Reading]:
    """The readings that a requirement leans on, as far as this release knows them."""
    known = readings()
    return [known[id] for id in judged.get("reading", "").split(", ") if id in known]
