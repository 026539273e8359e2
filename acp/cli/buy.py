"""`acp buy`: the options of a purchase, and its result."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from acp.cli import card as cards
from acp.cli.discover import Url
from acp.cli.files import check, read
from acp.cli.items import wanted
from acp.cli.outcome import Code, Ended, Outcome
from acp.cli.purchase import Buying, Means, Wish
from acp.cli.receipt import receipt
from acp.cli.screen import Screen
from acp.cli.stops import stops_as_interruptions, uninterrupted
from acp.client import Client
from acp.errors import UsageError
from acp.models.checkout import Address, CheckoutSession

_WHAT, _HOW, _ELSE = "What to buy", "How to pay", "Everything else"


Items: TypeAlias = Annotated[
    list[str], typer.Option("--item", metavar="ID", help="Item to buy: ID, or ID=2 for two.", rich_help_panel=_WHAT)
]
Quantities: TypeAlias = Annotated[
    list[int] | None, typer.Option(min=1, metavar="N", help="How many of the --item before it.", rich_help_panel=_WHAT)
]
ShipTo: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Address: a JSON or TOML file.", rich_help_panel=_WHAT)
]
Delivery: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="ID", help="Delivery to choose.", show_default="the shop's", rich_help_panel=_WHAT),
]
Email: TypeAlias = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="The buyer's e-mail address.", rich_help_panel=_WHAT)
]
Currency: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="CODE", help="Such as eur.", show_default="the shop's first", rich_help_panel=_WHAT),
]
CardFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Card: a JSON or TOML file.", show_default="asked for", rich_help_panel=_HOW),
]
TestCard: TypeAlias = Annotated[
    bool,
    typer.Option("--test-card", metavar="", help="Pay with the card that test modes approve.", rich_help_panel=_HOW),
]
Token: TypeAlias = Annotated[
    str | None,
    typer.Option(envvar="ACP_TOKEN", metavar="TOKEN", help="A token delegated before.", rich_help_panel=_HOW),
]
PspUrl: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="The payment provider's address.", show_default="the shop's", rich_help_panel=_HOW
    ),
]
PspKey: TypeAlias = Annotated[
    str | None, typer.Option(envvar="ACP_PSP_KEY", metavar="KEY", help="The key for --psp.", rich_help_panel=_HOW)
]
MaxTotal: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="AMOUNT", help="Never pay more than this, such as 49.90.", rich_help_panel=_HOW),
]
Yes: TypeAlias = Annotated[
    bool, typer.Option("--yes", "-y", metavar="", help="Pay without asking.", rich_help_panel=_HOW)
]
ApiKey: TypeAlias = Annotated[
    str | None, typer.Option(envvar="ACP_API_KEY", metavar="KEY", help="The key for the shop.", rich_help_panel=_ELSE)
]
AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", metavar="", help="Print the result as one JSON object.", rich_help_panel=_ELSE)
]


def buy(
    url: Url,
    item: Items,
    quantity: Quantities = None,
    ship_to: ShipTo = None,
    option: Delivery = None,
    email: Email = None,
    currency: Currency = None,
    card: CardFile = None,
    test_card: TestCard = False,
    token: Token = None,
    psp: PspUrl = None,
    psp_key: PspKey = None,
    max_total: MaxTotal = None,
    yes: Yes = False,
    api_key: ApiKey = None,
    as_json: AsJson = False,
) -> None:
    """Buy something: open a checkout session, agree on the total, pay, and print the receipt."""
    screen = Screen()
    _require(api_key, yes)
    wish = Wish(
        wanted(item, quantity or ()), currency, _address(ship_to), option, email, amount_of(max_total, "--max-total")
    )
    means = Means(source(screen, card, test_card, token), provider(psp, psp_key))
    with Client(url, api_key) as client, stops_as_interruptions():
        outcome = Buying(client, wish, means, screen, (lambda _: True) if yes else screen.ask).run()
    with uninterrupted():
        _finish(screen, outcome, as_json)


def _finish(screen: Screen, outcome: Outcome, as_json: bool) -> None:
    if outcome.code is not Code.OK:
        raise Ended(outcome)
    if as_json:
        screen.document(outcome.to_dict())
    else:
        screen.result(receipt(outcome.session or CheckoutSession.of({})))


def _require(api_key: str | None, yes: bool) -> None:
    if not api_key:
        raise UsageError("No key for the shop: pass --api-key or set ACP_API_KEY.")
    if not yes and not sys.stdin.isatty():
        raise UsageError("There is no terminal to ask at before paying; pass --yes to pay without asking.")


def _address(file: Path | None) -> dict[str, Any] | None:
    if file is None:
        return None
    address = read(file, "address file")
    check(Address.of(address), f"address file {file}")
    return address


def amount_of(text: str | None, option: str) -> Decimal | None:
    """An amount in the currency, as it is typed. Raises UsageError."""
    if text is None:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0:
        raise UsageError(f"{option} is an amount in the currency, such as 49.90.")
    return value


def source(
    screen: Screen | None, file: Path | None, test_card: bool, token: str | None
) -> str | Callable[[], Mapping[str, Any]]:
    """The token, or where the card comes from; without a screen nobody is asked for it.

    What can be wrong with it is found before anything is opened. Raises UsageError.
    """
    if sum((file is not None, test_card, token is not None)) > 1:
        raise UsageError("Pay with one of --card, --test-card and --token.")
    if token is not None:
        return token
    known = cards.card_of(cards.TEST_CARD, "test card") if test_card else None
    known = cards.from_file(file) if file else known or cards.from_environment(os.environ)
    if known is not None:
        return lambda: known
    if screen is None or not sys.stdin.isatty():
        raise UsageError(f"No card: pass --card FILE, --test-card or --token, or set {cards.NUMBER}.")
    return lambda: cards.from_prompt(screen)


def provider(psp: str | None, psp_key: str | None) -> Callable[[Client], Client] | None:
    """The same client with another payment provider, None for the shop's. Raises UsageError."""
    if psp is None and psp_key is None:
        return None
    if psp is not None and psp_key is None:
        raise UsageError("No key for the payment provider: pass --psp-key or set ACP_PSP_KEY.")
    return lambda client: client.with_options(psp_url=psp or client.base_url, psp_key=psp_key or "")
