"""`python -m tests.kill_matrix [--area AREA] [LABEL …]`: try mutants and variations, and say what was misjudged."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from conformance.verdict.claim import claim_of, verdicts
from tests.kill_matrix import independents
from tests.kill_matrix.matrix import PROCESSES, Row, Subject, area_of, matrix, sample, subjects
from tests.kill_matrix.page import PAGE, page
from tests.kill_matrix.shops import judged


def main() -> int:
    """Print a line for everything that was not judged rightly; 0 when there is none."""
    options = _options()
    if options.healthy:
        return _healthy(options.checks, options.independent)
    rows: list[Row] = []
    wanted = _wanted(options)
    for row in matrix(wanted, options.checks, options.processes):
        rows.append(row)
        for line in row.complaints:
            print(line, flush=True)
        print(f"\r{len(rows)} of {len(wanted)}", end="", file=sys.stderr, flush=True)
    mutants = [row for row in rows if row.subject.breaks]
    print(
        f"{sum(row.killed for row in mutants)} of {len(mutants)} mutants killed, "
        f"{len(rows) - len(mutants)} variations; {sum(bool(row.beyond) for row in rows)} with findings beyond, "
        f"{sum(bool(row.errors) for row in rows)} with errors; {sum(row.seconds for row in rows):.0f} s"
    )
    if options.write:
        PAGE.write_text(page(rows), encoding="utf-8")
    return int(any(row.complaints for row in rows))


def _options() -> Namespace:
    asked = ArgumentParser(prog="python -m tests.kill_matrix", description=__doc__)
    asked.add_argument("labels", nargs="*", metavar="LABEL", help="a mutant or variation; all, without any")
    asked.add_argument("--area", help="only mutants whose requirement is of this area")
    asked.add_argument("--checks", action="append", default=[], metavar="AREA", help="only checks of this area")
    asked.add_argument("--variations", action="store_true", help="the variations only")
    asked.add_argument("--independent", metavar="VERSION", help="the independent merchant of this version only")
    asked.add_argument("--one-in", type=int, default=1, metavar="N", help="one in so many of each area")
    asked.add_argument("--healthy", action="store_true", help="no mutant: every result that is not a pass")
    asked.add_argument("--processes", type=int, default=PROCESSES)
    asked.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    return asked.parse_args()


def _wanted(options: Namespace) -> Sequence[Subject]:
    known = subjects()
    if options.labels:
        return [known[label] for label in options.labels]
    found = [
        each
        for each in known.values()
        if (options.area is None or area_of(each) == options.area)
        and (options.independent is None or each.version == options.independent)
        and (each.breaks is None if options.variations else True)
    ]
    return sample(found, options.one_in)


def _healthy(areas: Sequence[str], version: str | None) -> int:
    run = independents.judged(version, areas=areas) if version else judged(areas=areas)
    for result in run.results:
        if result.outcome != "pass":
            print(f"{result.outcome:15} {result.requirement} by {result.check}: {result.says}")
    claim = claim_of(run)
    print(f"{claim.word}, {claim.verified} of {claim.counted}; {len(run.records)} requests; no check yet: ", end="")
    print([each.requirement.id for each in verdicts(run) if each.says == "Not reached."])
    return int(claim.word not in ("conformant", "conformant-with-warnings"))


if __name__ == "__main__":
    sys.exit(main())
