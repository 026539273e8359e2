"""What a campaign says while it runs and when it is over: the counts, and whatever is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rich.table import Table

from acp.server import CrashPoint
from tests.chaos.campaign import Progress, Result

KINDS = (*CrashPoint, "at random")
SHOWN = 10
"""How many violations are told in full."""


def line(name: str, progress: Progress) -> str:
    """One line about a campaign under way."""
    killed = ", ".join(f"{kind} {progress.deaths.counts[kind]}" for kind in KINDS)
    return (
        f"{name}: killed {progress.deaths.counts.total()} ({killed}); {len(progress.purchases)} purchases, "
        f"{progress.charges} charges, {progress.orders} orders, {len(progress.deliveries)} events sent"
    )


def counts(result: Result) -> dict[str, float]:
    """The rows of the table for one campaign, in their order."""
    books, progress = result.evidence.books, result.progress
    met = Counter(told.split()[0] for purchase in progress.purchases for call in purchase.calls for told in call.tries)
    answers = Counter({told: times for told, times in met.items() if told.isdigit()})
    replays = sum(len(call.replays) for purchase in progress.purchases for call in purchase.calls)
    killed = {f"killed {kind}": progress.deaths.counts[kind] for kind in KINDS}
    return killed | {
        "purchases": len(progress.purchases),
        "sessions completed": sum(session["status"] == "completed" for session in books.sessions.values()),
        "charges": sum(row["outcome"] == "charged" for row in books.charges),
        "orders": len(books.placed),
        "events": len(books.events),
        "events sent": len(result.evidence.deliveries),
        "connections lost": met.total() - answers.total(),
        "answers 409": answers["409"],
        "answers 5xx": sum(times for told, times in answers.items() if told.startswith("5")),
        "replays compared": replays,
        "PSP asked again": sum(row["asked"] - 1 for row in books.charges),
        "violations": len(result.violations),
    }


def table(results: Mapping[str, Result]) -> Table:
    """All campaigns side by side, with their sum."""
    made = Table("", *results, "together")
    for column in made.columns[1:]:
        column.justify = "right"
    columns = [counts(result) for result in results.values()]
    for row in columns[0]:
        numbers = [column[row] for column in columns]
        made.add_row(row, *(f"{number:,}" for number in (*numbers, sum(numbers))))
    made.add_section()
    made.add_row("restart, ms on average", *(f"{restart_ms(result):.0f}" for result in results.values()), "")
    made.add_row("longest past its lease, s", *(f"{r.progress.longest_past_lease:.1f}" for r in results.values()), "")
    seconds = [result.seconds for result in results.values()]
    made.add_row("seconds", *(f"{each:.0f}" for each in (*seconds, sum(seconds))))
    return made


def restart_ms(result: Result) -> float:
    """How long a restarted shop took until it served, on average."""
    restarts = result.progress.deaths.restarts
    return 1000 * sum(restarts) / len(restarts) if restarts else 0.0


def told(name: str, result: Result) -> str:
    """What is wrong, with the seed and the history of each purchase; empty when nothing is."""
    known = result.evidence.known
    lines = [f"{name}, seed {result.campaign.seed}: {len(result.violations)} violations"] if result.violations else []
    for violation in result.violations[:SHOWN]:
        lines.append(str(violation))
        lines += [known[violation.session].history()] if violation.session in known else []
    return "\n".join(lines)
