"""`acp-conformance listen`: receive order events, and say of each whether its signature holds."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from conformance.cli.outcome import Code
from conformance.cli.screen import console
from conformance.errors import BadProfile

if TYPE_CHECKING:
    from conformance.wire.exchange import Exchange
    from conformance.wire.secrets import Secrets


def listen(
    listen: Annotated[str, typer.Option("--listen", metavar="HOST:PORT", help="Where to listen.")] = "127.0.0.1:8765",
    secret: Annotated[
        str | None,
        typer.Option(metavar="SECRET", envvar="ACP_WEBHOOK_SECRET", help="The secret of the shop.", show_default=False),
    ] = None,
    count: Annotated[int, typer.Option(metavar="N", min=0, help="Stop after so many; 0 never does.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> int:
    """Receive the order events of a shop until it is told to stop, and show each with what is wrong about it."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise BadProfile("", "", f"--listen {listen!r} must be a host and a port, such as 127.0.0.1:8765.")
    return asyncio.run(_received(host, int(port), secret, count, as_json=as_json))


async def _received(host: str, port: int, secret: str | None, count: int, *, as_json: bool) -> int:
    from conformance.trial.receiver import Receiver
    from conformance.wire.secrets import Secrets

    receiver = Receiver(host, port, lambda: datetime.now(UTC))
    secrets = Secrets({"ACP_WEBHOOK_SECRET": secret} if secret else {})
    receiver.listeners.append(lambda event: _told(event, secret, secrets, as_json=as_json))
    try:
        await receiver.open()
    except OSError as error:
        raise BadProfile("", "", f"{host}:{port} cannot be listened at: {error.strerror}.") from error
    if not as_json:
        console().print(f"Listening at http://{host}:{receiver.address[1]}; Ctrl-C ends it.", markup=False)
    try:
        await receiver.wait(lambda came: 0 < count <= len(came), float("inf"))
    finally:
        await receiver.close()
    return Code.OK


def _told(event: Exchange, secret: str | None, secrets: Secrets, *, as_json: bool) -> None:
    """Show one event as it came."""
    from conformance.cli.dialogue import dialogue
    from conformance.wire.record import record_of

    record = record_of(event, secrets)
    wrong = _wrong(event, secret)
    if as_json:
        sys.stdout.write(json.dumps({"event": record, "signature": wrong or "holds"}) + "\n")
        sys.stdout.flush()
        return
    for line in dialogue(record):
        console().print(line, soft_wrap=True)
    console().print(Text(f"signature: {wrong or 'holds'}", "bold red" if wrong and secret else "bold"))


def _wrong(event: Exchange, secret: str | None) -> str:
    """What is wrong with the signature of an event; empty where nothing is."""
    from acp import headers
    from conformance.signature import read

    if secret is None:
        return "not verified, for no secret was given"
    signature = read(event.sent.header(headers.MERCHANT_SIGNATURE) or "")
    if signature is None:
        return f"{headers.MERCHANT_SIGNATURE} is missing, or not of the form t=…,v1=…"
    if not signature.signs(event.sent.body, secret):
        return "the digest is not that of this body under this secret"
    return "" if signature.is_current(event.began) else "its time is more than five minutes away"
