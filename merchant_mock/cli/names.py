"""Names of scenarios, faults and variations: looked for, several in one option with commas, completed by the shell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import typer


def sought(complete: Callable[[str], list[str]], what: str = "words") -> Any:
    """The argument of a listing: a name, or what to look for."""
    return typer.Argument(
        metavar="[NAME|WORD]...",
        help=f"A name to be told all about it; {what} to look for.",
        autocompletion=complete,
        show_default=False,
    )


def listed(options: Iterable[str] | None) -> list[str]:
    """The names in the values of an option, each once."""
    return list(dict.fromkeys(name.strip() for value in options or () for name in value.split(",")))


def complete_scenarios(incomplete: str) -> list[str]:
    """What the shell offers for a scenario."""
    from merchant_mock.scenarios.scenario import SCENARIOS

    return _offered(SCENARIOS, incomplete)


def complete_faults(incomplete: str) -> list[str]:
    """What the shell offers for a fault."""
    from merchant_mock.faults import FAULTS

    return _offered(FAULTS, incomplete)


def complete_variations(incomplete: str) -> list[str]:
    """What the shell offers for a variation."""
    from merchant_mock.variations import VARIATIONS

    return _offered(VARIATIONS, incomplete)


def _offered(known: Iterable[str], incomplete: str) -> list[str]:
    """The names that what is typed may become; those before a comma are kept, and not offered again."""
    before, comma, begun = incomplete.rpartition(",")
    taken = before.split(",")
    return [f"{before}{comma}{name}" for name in sorted(known) if name.startswith(begun) and name not in taken]
