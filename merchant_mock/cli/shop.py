"""The shop that `serve` keeps open: what was asked of it, its terms, its file and its recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from acp.server.logs import RequestLog
from merchant_mock.app import DEMO_KEY, DEMO_WEBHOOK_SECRET, Terms
from merchant_mock.catalogue import load
from merchant_mock.cli.greeting import line, welcome
from merchant_mock.control.guard import Reach
from merchant_mock.faults import faults
from merchant_mock.logs import LogFormat, log_to_stderr
from merchant_mock.profile import SECOND_AGENTS
from merchant_mock.recording.recorder import Recorder, header_of
from merchant_mock.scenarios.scenario import scenarios
from merchant_mock.serving import Server, bind, url_of
from merchant_mock.street import open_street
from merchant_mock.variations import variations
from merchant_mock.wire.capture import Witness


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What `serve` was asked for. None stands for what the shop has of its own; names are not looked up yet."""

    host: str
    port: int
    catalogue: Path
    database: Path | None
    seed: int | None
    api_key: str | None = field(repr=False)
    webhook_url: str | None
    webhook_secret: str | None = field(repr=False)
    scenarios: Sequence[str]
    faults: Sequence[str]
    variations: Sequence[str]
    control: Reach
    record: Path | None
    log_format: LogFormat
    as_json: bool


def keep_open(wanted: Wanted) -> None:
    """Open the shop, say where, and serve it until it is told to stop. Raises UsageError for what cannot be used."""
    terms_at = _terms(wanted)
    with ExitStack() as stack:
        listener, database = stack.enter_context(bind(wanted.host, wanted.port)), stack.enter_context(_database(wanted))
        terms = terms_at(base_url=url_of(listener), database=database)
        street = open_street(replace(terms, witnesses=_witnesses(wanted, terms, stack)), wanted.control)
        stack.callback(street.close)
        log_to_stderr(wanted.log_format)
        greeting = line(terms) if wanted.as_json else welcome(terms)
        Server(street.front, lambda: typer.echo(greeting), street.drain).run([listener])


def _terms(wanted: Wanted) -> Callable[..., Terms]:
    """The terms, but for where the shop is and its file. Raises UsageError for a name or a file that there is not."""
    return partial(
        Terms,
        scenarios=scenarios(wanted.scenarios),
        levers=[*faults(wanted.faults), *variations(wanted.variations)],
        catalogue=load(wanted.catalogue),
        seed=wanted.seed,
        api_key=wanted.api_key or DEMO_KEY,
        agents=SECOND_AGENTS if wanted.api_key is None else {},
        webhook_url=wanted.webhook_url,
        webhook_secret=wanted.webhook_secret or DEMO_WEBHOOK_SECRET,
        observers=[RequestLog()] if wanted.log_format is LogFormat.JSON else [],
    )


@contextmanager
def _database(wanted: Wanted) -> Iterator[Path]:
    if wanted.database is not None:
        yield wanted.database
        return
    with TemporaryDirectory(prefix="acp-merchant-") as folder:
        yield Path(folder) / "shop.db"


def _witnesses(wanted: Wanted, terms: Terms, stack: ExitStack) -> list[Witness]:
    """Who writes down what goes over the wire, until the stack is left."""
    if wanted.record is None:
        return []
    header = header_of(terms, wanted.catalogue)
    return [stack.enter_context(closing(Recorder(wanted.record, header, terms.api_key, terms.agents)))]
