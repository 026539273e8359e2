"""The command line as a whole: its subcommands, its version, and how every failure becomes one line and a code."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from typing import Annotated, Any

import typer

from conformance.cli.certify import certify
from conformance.cli.diff import diff
from conformance.cli.doctor import doctor
from conformance.cli.explain import explain
from conformance.cli.init import init
from conformance.cli.listen import listen
from conformance.cli.outcome import MEANINGS, Code
from conformance.cli.plan import plan
from conformance.cli.readings import readings
from conformance.cli.replay import replay
from conformance.cli.report import report
from conformance.cli.requirements import requirements
from conformance.cli.run import run
from conformance.errors import ConformanceError

_ABOUT = "Judge a shop or a PSP by the Agentic Commerce Protocol, and say what the protocol asks."
_CODES = "\n".join(["Exit codes:", *(f"  {int(code):>3}  {meaning}" for code, meaning in MEANINGS.items())])

app = typer.Typer(
    name="acp-conformance",
    help=_ABOUT,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=f"Try: acp-conformance run https://staging.shop.example/acp --item sku-1\n\n{_CODES}",
)
app.command(
    epilog=f"""Try:
  acp-conformance init https://staging.shop.example/acp --item sku-1

{_CODES}"""
)(init)
app.command(
    epilog=f"""Try:
  acp-conformance run https://staging.shop.example/acp --key "$ACP_KEY" --item sku-1
  acp-conformance run --profile acp-conformance.toml --no-complete
  acp-conformance run --area idempotency --json > run.json

{_CODES}"""
)(run)
app.command(
    epilog=f"""Try:
  acp-conformance doctor https://staging.shop.example/acp --key "$ACP_KEY" --item sku-1
  acp-conformance doctor --profile acp-conformance.toml --json

{_CODES}"""
)(doctor)
app.command(
    epilog=f"""Try:
  acp-conformance plan --profile acp-conformance.toml --no-complete

{_CODES}"""
)(plan)
app.command(
    epilog=f"""Try:
  acp-conformance replay checkout.session.create.status-201 --profile acp-conformance.toml

{_CODES}"""
)(replay)
app.command(
    epilog=f"""Try:
  acp-conformance listen --listen 127.0.0.1:8765 --secret "$ACP_WEBHOOK_SECRET"

{_CODES}"""
)(listen)
app.command(
    epilog=f"""Try:
  acp-conformance report acp-conformance-run.json
  acp-conformance report acp-conformance-run.json --format junit --format badge
  acp-conformance report acp-conformance-run.json --format markdown -o summary.md

{_CODES}"""
)(report)
app.command(
    epilog=f"""Try:
  acp-conformance certify openai --profile acp-conformance.toml --attest "C9=Ada Moor, 3 May 2026"

{_CODES}"""
)(certify)
app.command(
    epilog=f"""Try:
  acp-conformance diff last-week.json acp-conformance-run.json

{_CODES}"""
)(diff)
app.command(
    epilog=f"""Try:
  acp-conformance requirements --role psp --level MUST --level "MUST NOT"
  acp-conformance requirements --search "idempotency key"
  acp-conformance requirements --area webhook --json

{_CODES}"""
)(requirements)
app.command(
    epilog=f"""Try:
  acp-conformance readings --search quantity
  acp-conformance readings --search "webhook signature"
  acp-conformance readings --json

{_CODES}"""
)(readings)
app.command(
    epilog=f"""Try:
  acp-conformance explain checkout.idempotency.conflict.status
  acp-conformance explain A01
  acp-conformance explain DP-1 --json

{_CODES}"""
)(explain)

_MISUSE: type[Exception] = typer.BadParameter.__bases__[0]
"""The root of what the option parser refuses; its home has moved between releases of the toolkit."""


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"acp-conformance {installed_version('agentic-commerce')}")
        raise typer.Exit


@app.callback(help=_ABOUT)
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Say the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Take the options that come before a subcommand."""


def main() -> None:
    """Run the command and leave with its exit code; a failure is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a section sign must not fail on a terminal that cannot show it
            stream.reconfigure(errors="replace")
    sys.exit(_run())


def _run() -> int:
    try:
        code = app(prog_name="acp-conformance", standalone_mode=False) or 0
    except _MISUSE as misuse:
        refusal: Any = misuse
        return _fail(Code.INVALID, refusal.format_message() or "name a command, such as run; --help lists them.")
    except ConformanceError as error:
        return _fail(Code.INVALID, str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = Code.INTERRUPTED
    return _fail(Code.INTERRUPTED, "interrupted.") if code == Code.INTERRUPTED else int(code)


def _fail(code: Code, sentence: str) -> int:
    typer.echo(f"acp-conformance: {' '.join(sentence.split())}", err=True)
    return int(code)
