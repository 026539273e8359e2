"""`acp discover`: what a shop speaks and offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeAlias

import typer

from acp.cli.facts import Facts
from acp.cli.outcome import Code, Ended, Outcome
from acp.cli.screen import Screen
from acp.cli.text import plain
from acp.client import Client, exchange_of
from acp.client.parts import part, parts
from acp.errors import NotFound, UnreadableAnswer
from acp.models.checkout import DiscoveryCapabilities, DiscoveryProtocol, DiscoveryResponse

Url: TypeAlias = Annotated[
    str, typer.Argument(envvar="ACP_BASE_URL", metavar="URL", help="Any address at the shop.", show_default=False)
]


def discover(
    url: Url,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print the document itself.")] = False,
) -> None:
    """Show what a shop says about itself at /.well-known/acp.json."""
    screen = Screen()
    with Client(url) as client, screen.step(f"Asking {url}"):
        document = found(client)
    if as_json:
        screen.document(document.to_dict())
        return
    screen.result(_facts(document))
    for problem in document.problems():
        screen.note(f"not as the protocol has it: {problem.path}: {problem.message}")


def found(client: Client) -> DiscoveryResponse:
    """The discovery document. Raises Ended for a site that has none."""
    try:
        return client.discover()
    except (NotFound, UnreadableAnswer) as error:
        if error.status >= 500:
            raise
        asked = exchange_of(error).request
        sentence = (
            f"{client.base_url} does not speak the Agentic Commerce Protocol: "
            f"{asked.method} {asked.url} answered {error.status}{_with(error)}."
        )
        raise Ended(Outcome(Code.NOT_BOUGHT, "refused", sentence, error=error)) from error


def _with(error: NotFound | UnreadableAnswer) -> str:
    return " without a discovery document" if error.status < 400 else ""


def _facts(document: DiscoveryResponse) -> Facts:
    protocol = part(document.get("protocol"), DiscoveryProtocol) or DiscoveryProtocol.of({})
    offered = part(document.get("capabilities"), DiscoveryCapabilities) or DiscoveryCapabilities.of({})
    rows = [
        ("Protocol", f"{plain(protocol.name or '?')} {plain(protocol.version or '?')}"),
        ("Versions", _list(protocol.supported_versions)),
        ("Address", document.api_base_url),
        ("Transports", _list(document.transports)),
        ("Services", _list(offered.services)),
        ("Extensions", _list([extension.name for extension in parts(offered.extensions)])),
        ("Interventions", _list(offered.intervention_types)),
        ("Currencies", _list(offered.supported_currencies)),
        ("Locales", _list(offered.supported_locales)),
        ("Documentation", protocol.documentation_url),
    ]
    return Facts(rows)


def _list(values: Sequence[str] | None) -> str:
    return ", ".join(plain(value) for value in values) if isinstance(values, list) else ""
