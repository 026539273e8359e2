"""Opens the shop of one version until it is interrupted: `python -m tests.independent --help`."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys

from tests.independent.courier import Receiver
from tests.independent.house import SECRET, House
from tests.independent.mutants import MUTANTS
from tests.independent.server import NotOpen, running
from tests.independent.versions import VERSIONS

STOPS = {signal.SIGINT, signal.SIGTERM}


def main() -> int:
    """Print what a tester must know as one line of JSON, then serve."""
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    mutant = MUTANTS.get(options.mutant)
    house = House(
        VERSIONS[options.version],
        mutant.defect if mutant else None,
        receiver=Receiver(options.events_to, options.secret),
    )
    try:
        with running(house, options.port) as shop:
            print(json.dumps(shop.profile, ensure_ascii=False), flush=True)
            signal.sigwait(STOPS)
    except NotOpen as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.independent", description=__doc__)
    parser.add_argument("--version", choices=VERSIONS, default="2026-04-17", help="what it speaks")
    parser.add_argument("--port", type=int, default=0, help="0 is a free one")
    parser.add_argument("--mutant", choices=MUTANTS, metavar="NAME", help="what is wrong with it; none if left out")
    parser.add_argument("--events-to", metavar="URL", help="where order events go; nowhere if left out")
    parser.add_argument("--secret", default=SECRET, help="what events are signed with")
    options = parser.parse_args()
    mutant = MUTANTS.get(options.mutant)
    if mutant is not None and options.version not in mutant.versions:
        parser.error(f"{mutant.name} is of {', '.join(mutant.versions)}.")
    return options


if __name__ == "__main__":
    sys.exit(main())
