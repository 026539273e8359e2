"""The command `acp-merchant`: a shop to point an agent, a client or a conformance run at."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

import acp
from acp.errors import AcpError
from merchant_mock.cli import backup, catalogue, events, export, levers, profile, replay, scenarios, serve

_CODES = """Exit codes:
    0  done, or closed as told
    2  asked wrongly, or a file or port that cannot be used
  130  broken off"""

app = typer.Typer(
    name="acp-merchant",
    help="A shop that speaks the Agentic Commerce Protocol, to try things on.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=f"Try:\n  acp-merchant serve --port 0\n  acp-merchant catalogue\n\n{_CODES}",
)
app.command(
    epilog=f"""Try:
  acp-merchant serve --port 8080 --db shop.db
  acp-merchant serve --port 0 --catalogue goods.jsonl --json
  acp-merchant serve --fault amounts_are_decimals
  acp-merchant serve --variation uuid_ids,reversed_arrays
  acp-merchant serve --scenario slow,declined
  acp-merchant serve --seed 7 --record recordings

Beside goods.jsonl a goods.stock.json may say how many there are of each item,
its weight, tax and behaviour: see docs/integrators.md.

{_CODES}"""
)(serve.serve)
app.command(epilog=f"Try:\n  acp-merchant catalogue\n  acp-merchant catalogue --json | head -n 1\n\n{_CODES}")(
    catalogue.catalogue
)
app.command(
    epilog=f"""Try:
  acp-merchant faults
  acp-merchant faults --area totals amount
  acp-merchant faults amounts_are_decimals
  acp-merchant faults --json | head -n 1

{_CODES}"""
)(levers.faults)
app.command(
    epilog=f"""Try:
  acp-merchant variations
  acp-merchant variations A05
  acp-merchant variations one_fulfillment_option

{_CODES}"""
)(levers.variations)
app.command(
    epilog=f"""Try:
  acp-merchant scenarios
  acp-merchant scenarios stock
  acp-merchant scenarios 4000000000000002
  acp-merchant scenarios commit_then_500
  acp-merchant scenarios declined --json

{_CODES}"""
)(scenarios.scenarios)
app.command(
    epilog=f"""Try:
  acp-merchant backup --db shop.db shop-monday.db

{_CODES}"""
)(backup.backup)
app.command(
    epilog=f"""Try:
  acp-merchant events --db shop.db --dead
  acp-merchant events --db shop.db --redeliver 7 --redeliver 9
  acp-merchant events --db shop.db --redeliver all

{_CODES}"""
)(events.events)
app.command(
    epilog="""Try:
  acp-merchant replay recordings
  acp-merchant replay recordings/20260506T120000-001.jsonl --json
  acp-merchant replay recordings --to https://shop.example --api-key KEY

Exit codes:
    0  every answer is the same
    1  answers differ
    2  asked wrongly, or a recording or shop that cannot be used
  130  broken off"""
)(replay.replay)
app.command(
    epilog=f"""Try:
  acp-merchant export recordings --order ID --out test_order.py
  acp-merchant export recordings --session ID

{_CODES}"""
)(export.export)
app.command(
    epilog=f"""Try:
  acp-merchant profile > acp-conformance.toml
  acp-merchant profile --url http://127.0.0.1:8182 --listen 127.0.0.1:9000

{_CODES}"""
)(profile.profile)

_MISUSE: type[Exception] = typer.BadParameter.__bases__[0]
"""The root of what the option parser refuses; its home has moved between releases of the toolkit."""


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"acp-merchant {acp.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Say the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """A shop that speaks the Agentic Commerce Protocol, to try things on."""


def main() -> None:
    """Run the command; what was asked wrongly is one line on standard error and the exit code 2."""
    try:
        code = app(prog_name="acp-merchant", standalone_mode=False)
    except _MISUSE as misuse:
        refusal: Any = misuse
        _refuse(refusal.format_message() or "Name a command; `acp-merchant --help` lists them.")
    except AcpError as error:
        _refuse(str(error))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    except BrokenPipeError:  # whoever read has read enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(code or 0)


def _refuse(sentence: str) -> None:
    typer.echo(f"acp-merchant: {' '.join(sentence.split())}", err=True)
    sys.exit(2)
