"""`acp mcp`: an MCP server of the buyer's own, with the tools to shop at one merchant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from importlib.util import find_spec
from typing import Annotated, Any
from urllib.parse import urlsplit

import anyio
import typer

import acp
from acp import money
from acp.cli.buy import ApiKey, CardFile, Currency, PspKey, PspUrl, TestCard, Token, amount_of, provider, source
from acp.cli.discover import found
from acp.cli.screen import Screen
from acp.client import AsyncClient, Client, Decisions
from acp.client.parts import part
from acp.errors import UsageError
from acp.models.checkout import DiscoveryCapabilities, DiscoveryResponse

HOST = "127.0.0.1"
"""Where `--http` listens: this machine only, for whoever reaches the server may shop."""


def mcp(
    merchant: Annotated[
        str, typer.Option("--merchant", envvar="ACP_BASE_URL", metavar="URL", help="Any address at the shop.")
    ],
    card: CardFile = None,
    test_card: TestCard = False,
    token: Token = None,
    psp: PspUrl = None,
    psp_key: PspKey = None,
    yes_up_to: Annotated[
        str | None,
        typer.Option(metavar="AMOUNT", help="Pay up to this without asking, such as 25.00.", show_default="always ask"),
    ] = None,
    currency: Currency = None,
    locale: Annotated[str, typer.Option(metavar="LOCALE", help="In which amounts are written.")] = "en_US",
    http: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", help="Serve Streamable HTTP at this port.", show_default="stdio", min=0, max=65535
        ),
    ] = None,
    api_key: ApiKey = None,
) -> None:
    """Give an MCP client the tools to shop at a merchant; before it pays, the buyer is asked."""
    if find_spec("mcp") is None:
        raise UsageError('acp mcp needs the "mcp" extra: pip install "agentic-commerce[mcp]".')
    if not api_key:
        raise UsageError("No key for the shop: pass --api-key or set ACP_API_KEY.")
    from acp.agent.tools.till import require_locale

    require_locale(locale)
    means = source(None, card, test_card, token)
    chosen = provider(psp, psp_key)
    with Client(merchant, api_key) as asking:
        spoken = _currency(currency, found(asking))
    limit = money.from_decimal(amount_of(yes_up_to, "--yes-up-to") or Decimal(0), spoken)
    serving = _Serving(merchant, api_key, means, chosen, spoken, limit, locale)
    anyio.run(serving.stdio if http is None else partial(serving.http, http))


def _currency(asked: str | None, about: DiscoveryResponse) -> str:
    """The currency to pay in: as asked for, else the shop's first."""
    if asked is not None:
        if not money.is_currency(asked):
            raise UsageError(f"{asked!r} is not an ISO 4217 currency code.")
        return asked.lower()
    capabilities = part(about.get("capabilities"), DiscoveryCapabilities)
    named = capabilities.supported_currencies if capabilities else None
    if not named:
        raise UsageError("The shop does not say in which currency it sells; pass --currency.")
    return str(named[0]).lower()


@dataclass(frozen=True)
class _Serving:
    """One server, until its client leaves."""

    merchant: str
    api_key: str
    means: str | Callable[[], Mapping[str, Any]]
    provider: Callable[[Any], Any] | None
    currency: str
    limit: int
    locale: str

    async def stdio(self) -> None:
        """Serve the client that started this program."""
        from mcp.server.stdio import stdio_server

        async with AsyncClient(self.merchant, self.api_key) as client:
            server = await self._server(client)
            async with stdio_server() as (reading, writing):
                await server.run(reading, writing, server.create_initialization_options())

    async def http(self, port: int) -> None:
        """Serve whoever asks on this machine."""
        import uvicorn

        async with AsyncClient(self.merchant, self.api_key) as client:
            app = (await self._server(client)).streamable_http_app(host=HOST)
            running = uvicorn.Server(uvicorn.Config(app, host=HOST, port=port, log_level="warning"))
            Screen().note(f"Serving MCP at http://{HOST}:{port}/mcp")
            await running.serve()

    async def _server(self, client: AsyncClient) -> Any:
        from acp.agent.approval import Approvals
        from acp.agent.mcp.counter import Counter
        from acp.agent.tools import Till

        await client.discover()
        paying = self.provider(client) if self.provider else client
        approvals = Approvals(self.currency, self.limit)
        means = self.means if isinstance(self.means, str) else self.means()
        decisions = Decisions(pay_with=means, approve=approvals.spend)
        till = Till(paying, decisions, currency=self.currency, locale=self.locale, strict=False)
        shop = urlsplit(self.merchant).netloc or self.merchant
        return Counter(till, paying, approvals, shop, self.locale).server(acp.__version__)
