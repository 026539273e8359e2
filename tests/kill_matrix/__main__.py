"""`python -m tests.kill_matrix [--area AREA] [NAME …]`: try mutants and say what the suite made of them."""

from __future__ import annotations

import sys
from argparse import ArgumentParser

from conformance.verdict.claim import claim_of, verdicts
from merchant_mock.variations import VARIATIONS
from tests.kill_matrix import independents
from tests.kill_matrix.matrix import Row, matrix, mutants
from tests.kill_matrix.shops import judged


def main() -> int:
    """Print a line for each that was not judged rightly; 0 when there is none."""
    asked = ArgumentParser(prog="python -m tests.kill_matrix", description=__doc__)
    asked.add_argument("names", nargs="*", metavar="NAME")
    asked.add_argument("--area", help="only mutants whose requirement is of this area")
    asked.add_argument(
        "--checks", action="append", default=[], metavar="AREA", help="make only the checks of this area"
    )
    asked.add_argument("--variations", action="store_true", help="the variations instead of the mutants")
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--independent", metavar="VERSION", help="of the independent merchant of this version")
    asked.add_argument("--healthy", action="store_true", help="no mutant: every result that is not a pass")
    options = asked.parse_args()
    if options.healthy:
        return _healthy(options.checks, options.independent)
    names = options.names or (
        list(VARIATIONS) if options.variations else [lever.name for lever in mutants(options.area)]
    )
    rows = []
    for row in matrix(names, options.checks, options.processes):
        rows.append(row)
        for line in _told(row):
            print(line, flush=True)
    killed = sum(row.killed for row in rows)
    print(
        f"{len(rows)} tried, {killed} killed, {sum(bool(row.beyond) for row in rows)} with findings beyond, "
        f"{sum(bool(row.errors) for row in rows)} with errors; {sum(row.seconds for row in rows):.0f} s"
    )
    return int(any(list(_told(row)) for row in rows))


def _healthy(areas: list[str], version: str | None) -> int:
    run = independents.judged(version, areas=areas) if version else judged(areas=areas)
    for result in run.results:
        if result.outcome != "pass":
            print(f"{result.outcome:15} {result.requirement} by {result.check}: {result.says}")
    claim = claim_of(run)

    print(f"{claim.word}, {claim.verified} of {claim.counted}; {len(run.records)} requests; no check yet: ", end="")
    print([each.requirement.id for each in verdicts(run) if each.says == "Not reached."])
    return int(claim.word not in ("conformant", "conformant-with-warnings"))


def _told(row: Row) -> list[str]:
    survived = [f"SURVIVED {row.name} (breaks {row.breaks})"] if row.breaks and not row.killed else []
    return [
        *survived,
        *(f"BEYOND {row.name}: {each}" for each in row.beyond),
        *(f"ERROR {row.name}: {e}" for e in row.errors),
    ]


if __name__ == "__main__":
    sys.exit(main())
