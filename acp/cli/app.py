"""The command line as a whole: its subcommands, its version, and how every failure becomes one line and a code."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

import acp
from acp.cli.buy import buy
from acp.cli.discover import discover
from acp.cli.mcp import mcp
from acp.cli.outcome import MEANINGS, Code, Ended, Outcome, of_error
from acp.cli.screen import Screen
from acp.cli.signs import readable
from acp.errors import AcpError
from acp.redaction import redact_text


def _codes(*codes: Code) -> str:
    return "\n".join(["Exit codes:", *(f"  {int(code):>3}  {MEANINGS[code]}" for code in codes)])


_CODES = _codes(*Code)

app = typer.Typer(
    name="acp",
    help="Look at a shop that speaks the Agentic Commerce Protocol, and buy something there.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=f"Try: acp discover https://shop.example\n\n{_CODES}",
)
_LOOKING = _codes(Code.OK, Code.NOT_BOUGHT, Code.USAGE, Code.FAILED, Code.INTERRUPTED)
app.command(epilog=f"Try: acp discover https://shop.example --json\n\n{_LOOKING}")(discover)
app.command(
    epilog=f"""Try:
  acp buy https://shop.example --item mug-blue --ship-to home.toml
  acp buy https://shop.example --item mug-blue=2 --test-card --yes --json

A card can also come from ACP_CARD_NUMBER, ACP_CARD_EXPIRY and ACP_CARD_CVC.
An address file has name, line_one, city, state, country and postal_code; a
card file number, exp_month, exp_year and cvc.

{_CODES}"""
)(buy)
app.command(
    epilog=f"""Try:
  acp mcp --merchant https://shop.example --card card.toml
  acp mcp --merchant https://shop.example --test-card --yes-up-to 25 --http 8765

It speaks over standard input and output to the client that starts it. The key
and the card come from options, files or the environment, never through a tool.

{_codes(Code.OK, Code.USAGE, Code.FAILED, Code.INTERRUPTED)}"""
)(mcp)

_MISUSE: type[Exception] = typer.BadParameter.__bases__[0]
"""The root of what the option parser refuses; its home has moved between releases of the toolkit."""


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"acp {acp.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", metavar="", help="Say the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Look at a shop that speaks the Agentic Commerce Protocol, and buy something there."""


def main() -> None:
    """Run the command and leave with its exit code; a failure is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        readable(stream, os.environ)
    sys.exit(_run())


def _run() -> int:
    try:
        code = app(prog_name="acp", standalone_mode=False) or 0
    except _MISUSE as misuse:
        refusal: Any = misuse
        sentence = redact_text(refusal.format_message() or "name a command: discover, buy or mcp.")
        return _fail(Outcome(Code.USAGE, "misused", sentence))
    except Ended as end:
        return _fail(end.outcome)
    except AcpError as error:
        return _fail(of_error(error))
    except (KeyboardInterrupt, typer.Abort):
        code = Code.INTERRUPTED
    return _fail(Outcome(Code.INTERRUPTED, "interrupted", "interrupted.")) if code == Code.INTERRUPTED else int(code)


def _fail(outcome: Outcome) -> int:
    """Say how it failed: one line on standard error, and with --json an object on standard output too."""
    screen = Screen()
    if "--json" in sys.argv[1:]:  # also where the options could not be read
        screen.document(outcome.to_dict())
    screen.failed(outcome.sentence)
    return int(outcome.code)
