"""`acp-merchant serve`: open the shop."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from acp.errors import UsageError
from merchant_mock.catalogue import BUILT_IN, Catalogue, load
from merchant_mock.cli.names import complete_faults, complete_scenarios, complete_variations, listed
from merchant_mock.control.guard import Reach
from merchant_mock.logs import LogFormat, log_to_stderr

if TYPE_CHECKING:
    from merchant_mock.levers import Lever
    from merchant_mock.scenarios.scenario import Scenario

FIRST_TRIES = ("mug-blue", "gift-card-50", "boots-42")
"""Items that anybody can buy, for the greeting."""


def serve(
    host: Annotated[str, typer.Option(metavar="HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", help="Port; 0 takes a free one.", min=0, max=65535)] = 8080,
    catalogue: Annotated[
        Path,
        typer.Option(
            "--catalogue", metavar="FILE", help="A products.jsonl, one feed product a line.", show_default="its own"
        ),
    ] = BUILT_IN,
    db: Annotated[
        Path | None,
        typer.Option("--db", metavar="FILE", help="SQLite file to keep everything in.", show_default="a temporary one"),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Vary stock; repeat ids and order numbers for each new --db.")
    ] = None,
    api_key: Annotated[
        str | None, typer.Option(metavar="KEY", help="Bearer key that agents send.", show_default="acp_demo_key")
    ] = None,
    webhook_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Where order events go: https, or this machine.", show_default="its own inbox"
        ),
    ] = None,
    webhook_secret: Annotated[
        str | None, typer.Option(metavar="KEY", help="Secret that signs order events.", show_default="a demo one")
    ] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[,NAME]",
            help="What happens to every session; `acp-merchant scenarios` lists them.",
            autocompletion=complete_scenarios,
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[,NAME]",
            help="Give the shop a defect; `acp-merchant faults` lists them.",
            autocompletion=complete_faults,
        ),
    ] = None,
    variation: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[,NAME]",
            help="Make it unusual, yet conformant; `acp-merchant variations` lists how.",
            autocompletion=complete_variations,
        ),
    ] = None,
    control: Annotated[Reach, typer.Option(help="Who may use the control API under /_mock/.")] = Reach.LOOPBACK,
    record: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write what goes over the wire, without secrets, into a file there."),
    ] = None,
    log_format: Annotated[LogFormat, typer.Option(help="Write the log for people or for machines.")] = LogFormat.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="Say where it is open as one line of JSON.")] = False,
) -> None:
    """Open the shop until it is told to stop (Ctrl-C or SIGTERM)."""
    from acp.server.logs import RequestLog
    from merchant_mock.app import DEMO_KEY, DEMO_WEBHOOK_SECRET, Terms
    from merchant_mock.faults import faults
    from merchant_mock.recording.recorder import Recorder, header_of
    from merchant_mock.scenarios.scenario import scenarios
    from merchant_mock.serving import Server, bind, url_of
    from merchant_mock.street import open_street
    from merchant_mock.variations import variations

    _check(api_key, webhook_url)
    shop_wide = scenarios(listed(scenario))
    levers = [*faults(listed(fault)), *variations(listed(variation))]
    goods = load(catalogue)
    with ExitStack() as stack:
        listener, path = stack.enter_context(bind(host, port)), stack.enter_context(_database(db))
        url = url_of(listener)
        terms = Terms(
            catalogue=goods,
            database=path,
            base_url=url,
            api_key=DEMO_KEY if api_key is None else api_key,
            webhook_url=webhook_url,
            webhook_secret=webhook_secret or DEMO_WEBHOOK_SECRET,
            seed=seed,
            levers=levers,
            scenarios=shop_wide,
            observers=[RequestLog()] if log_format is LogFormat.JSON else [],
        )
        if record is not None:
            recorder = stack.enter_context(
                closing(Recorder(record, header_of(terms, catalogue), terms.api_key, terms.agents))
            )
            terms = replace(terms, witnesses=[recorder])
        street = open_street(terms, control)
        log_to_stderr(log_format)
        port = listener.getsockname()[1]
        told = _set(shop_wide, levers)
        greeting = _line(url, port, told) if as_json else _welcome(url, goods, api_key or DEMO_KEY, told)
        try:
            Server(street.front, lambda: typer.echo(greeting), street.drain).run([listener])
        finally:
            street.close()


def _check(api_key: str | None, webhook_url: str | None) -> None:
    if api_key is not None and not (api_key and api_key.isascii() and api_key.isprintable() and " " not in api_key):
        raise UsageError("The API key must be visible ASCII characters without spaces.")
    if webhook_url is not None and not webhook_url.startswith(("http://", "https://")):
        raise UsageError("The webhook URL must begin with https:// (or http://).")
    _check_callable(webhook_url)


def _check_callable(webhook_url: str | None) -> None:
    from acp.server.outbox.targets import Refused, parsed

    try:
        if webhook_url is not None:
            parsed(webhook_url)
    except Refused as refusal:
        raise UsageError(f"Order events cannot go to the webhook URL: {refusal}.") from None


@contextmanager
def _database(path: Path | None) -> Iterator[Path]:
    if path is not None:
        yield path
        return
    with TemporaryDirectory(prefix="acp-merchant-") as folder:
        yield Path(folder) / "shop.db"


def _line(url: str, port: int, told: Mapping[str, Sequence[str]]) -> str:
    return json.dumps({"url": url, "port": port, **told})


def _set(scenarios: Sequence[Scenario], levers: Sequence[Lever]) -> dict[str, list[str]]:
    """The names of what is set for the whole shop."""
    return {
        "scenarios": [scenario.name for scenario in scenarios],
        "faults": [lever.name for lever in levers if lever.breaks],
        "variations": [lever.name for lever in levers if not lever.breaks],
    }


def _welcome(url: str, goods: Catalogue, key: str, told: Mapping[str, Sequence[str]]) -> str:
    from merchant_mock.app import DEMO_KEY
    from merchant_mock.shop import NAME

    ids = [id for id in FIRST_TRIES if id in goods.items] or list(goods.items)[:3]
    offer = f"{_count(len(goods.products), 'product')} in {_count(len(goods.items), 'variant')}"
    return "\n".join(
        [
            f"{NAME} is open at {url}",
            f"  {offer}, in {', '.join(goods.currencies)}; try {', '.join(ids)}",
            *(f"  {kind}: {', '.join(names)}" for kind, names in told.items() if names),
            "",
            "Buy something from another terminal:",
            f"  export ACP_BASE_URL={url}",
            f"  export ACP_API_KEY={key if key == DEMO_KEY else '…'}",
            f"  {_purchase(goods, ids)}",
            "",
        ]
    )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _purchase(goods: Catalogue, ids: list[str]) -> str:
    """A command that buys one of the items: one that needs no address, if there is one."""
    download = next((id for id in ids if goods.items[id].kind == "digital"), None)
    what = f"--item {download}" if download else f"--item {ids[0]} --ship-to address.json"
    return f"acp buy {what} --test-card"
