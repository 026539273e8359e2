"""The command line as a whole: its subcommands, its version, and how every failure becomes one line and a code."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

import acp
from acp.cli.buy import buy
from acp.cli.discover import discover
from acp.cli.outcome import MEANINGS, Code, Ended, of_error
from acp.cli.screen import Screen
from acp.errors import AcpError

_CODES = "\n".join(["Exit codes:", *(f"  {int(code):>3}  {meaning}" for code, meaning in MEANINGS.items())])

app = typer.Typer(
    name="acp",
    help="Look at a shop that speaks the Agentic Commerce Protocol, and buy something there.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=f"Try: acp discover https://shop.example\n\n{_CODES}",
)
app.command(epilog=f"Try: acp discover https://shop.example --json\n\n{_CODES}")(discover)
app.command(
    epilog=f"""Try:
  acp buy https://shop.example --item mug-blue --ship-to home.toml
  acp buy https://shop.example --item mug-blue=2 --test-card --yes --json

A card can also come from ACP_CARD_NUMBER, ACP_CARD_EXPIRY and ACP_CARD_CVC.
An address file has name, line_one, city, state, country and postal_code; a
card file number, exp_month, exp_year and cvc.

{_CODES}"""
)(buy)

_MISUSE: type[Exception] = typer.BadParameter.__bases__[0]
"""The root of what the option parser refuses; its home has moved between releases of the toolkit."""


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"acp {acp.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Say the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Look at a shop that speaks the Agentic Commerce Protocol, and buy something there."""


def main() -> None:
    """Run the command and leave with its exit code; a failure is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a price in euros must not fail on a terminal that cannot show the sign
            stream.reconfigure(errors="replace")
    sys.exit(_run())


def _run() -> int:
    try:
        code = app(prog_name="acp", standalone_mode=False) or 0
    except _MISUSE as misuse:
        refusal: Any = misuse
        return _fail(Code.USAGE, refusal.format_message() or "name a command: discover or buy.")
    except Ended as end:
        return _fail(end.outcome.code, end.outcome.sentence)
    except AcpError as error:
        outcome = of_error(error)
        return _fail(outcome.code, outcome.sentence)
    except (KeyboardInterrupt, typer.Abort):
        code = Code.INTERRUPTED
    return _fail(Code.INTERRUPTED, "interrupted.") if code == Code.INTERRUPTED else int(code)


def _fail(code: Code, sentence: str) -> int:
    Screen().failed(sentence)
    return int(code)
