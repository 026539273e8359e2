"""`acp-merchant serve`: open the shop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from acp.errors import UsageError
from merchant_mock.catalogue import BUILT_IN
from merchant_mock.cli.names import complete_faults, complete_scenarios, complete_variations, listed
from merchant_mock.control.guard import Reach
from merchant_mock.logs import LogFormat


def _names(says: str, complete: Callable[[str], list[str]]) -> Any:
    """An option that takes names out of a list."""
    return typer.Option(metavar="NAME[,NAME]", help=says, autocompletion=complete)


Host: TypeAlias = Annotated[str, typer.Option(metavar="HOST", help="Address to listen on.")]
Port: TypeAlias = Annotated[int, typer.Option(metavar="N", help="Port; 0 takes a free one.", min=0, max=65535)]
Goods: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--catalogue", metavar="FILE", help="A products.jsonl, one feed product a line.", show_default="its own"
    ),
]
File: TypeAlias = Annotated[
    Path | None,
    typer.Option("--db", metavar="FILE", help="SQLite file to keep everything in.", show_default="a temporary one"),
]
Seed: TypeAlias = Annotated[
    int | None, typer.Option(metavar="N", help="Vary stock; repeat ids and order numbers for each new --db.")
]
Key: TypeAlias = Annotated[
    str | None, typer.Option(metavar="KEY", help="Bearer key that agents send.", show_default="acp_demo_key")
]
WebhookUrl: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Where order events go: https, or this machine.", show_default="its own inbox"),
]
WebhookSecret: TypeAlias = Annotated[
    str | None, typer.Option(metavar="KEY", help="Secret that signs order events.", show_default="a demo one")
]
ScenarioNames: TypeAlias = Annotated[
    list[str] | None,
    _names("What happens to every session; `acp-merchant scenarios` lists them.", complete_scenarios),
]
FaultNames: TypeAlias = Annotated[
    list[str] | None, _names("Give the shop a defect; `acp-merchant faults` lists them.", complete_faults)
]
VariationNames: TypeAlias = Annotated[
    list[str] | None,
    _names("Make it unusual, yet conformant; `acp-merchant variations` lists how.", complete_variations),
]
Control: TypeAlias = Annotated[Reach, typer.Option(help="Who may use the control API under /_mock/.")]
Record: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Write what goes over the wire, without secrets, into a file there."),
]
Log: TypeAlias = Annotated[LogFormat, typer.Option(help="Write the log for people or for machines.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Say where it is open as one line of JSON.")]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8080,
    catalogue: Goods = BUILT_IN,
    db: File = None,
    seed: Seed = None,
    api_key: Key = None,
    webhook_url: WebhookUrl = None,
    webhook_secret: WebhookSecret = None,
    scenario: ScenarioNames = None,
    fault: FaultNames = None,
    variation: VariationNames = None,
    control: Control = Reach.LOOPBACK,
    record: Record = None,
    log_format: Log = LogFormat.TEXT,
    as_json: AsJson = False,
) -> None:
    """Open the shop until it is told to stop (Ctrl-C or SIGTERM)."""
    from merchant_mock.cli.shop import Wanted, keep_open

    _check_key(api_key)
    _check_webhook(webhook_url)
    wanted = Wanted(
        host=host, port=port, catalogue=catalogue, database=db, seed=seed,
        api_key=api_key, webhook_url=webhook_url, webhook_secret=webhook_secret,
        scenarios=listed(scenario), faults=listed(fault), variations=listed(variation),
        control=control, record=record, log_format=log_format, as_json=as_json,
    )  # fmt: skip
    keep_open(wanted)


def _check_key(key: str | None) -> None:
    if key is not None and not (key and key.isascii() and key.isprintable() and " " not in key):
        raise UsageError("The API key must be visible ASCII characters without spaces.")


def _check_webhook(url: str | None) -> None:
    from acp.server.outbox.targets import Refused, parsed

    if url is None:
        return
    if not url.startswith(("http://", "https://")):
        raise UsageError("The webhook URL must begin with https:// (or http://).")
    try:
        parsed(url)
    except Refused as refusal:
        raise UsageError(f"Order events cannot go to the webhook URL: {refusal}.") from None
