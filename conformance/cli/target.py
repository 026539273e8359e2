"""What is judged: a profile file, or the few options that are enough for a first look, or both."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from conformance.dialect import DIALECTS
from conformance.errors import BadProfile

if TYPE_CHECKING:
    from conformance.profile import Profile

DEFAULT_FILE: Final = Path("acp-conformance.toml")
LATEST: Final = max(DIALECTS)

Url = Annotated[
    str | None,
    typer.Argument(metavar="[URL]", help="The base URL of the shop; without it, the profile says.", show_default=False),
]
File = Annotated[
    Path | None,
    typer.Option(
        "--profile", "-p", metavar="FILE", envvar="ACP_PROFILE", help="The profile file.",
        show_default=f"{DEFAULT_FILE} where there is one",
    ),
]  # fmt: skip
Key = Annotated[
    str | None, typer.Option(metavar="KEY", envvar="ACP_KEY", help="The bearer key.", show_default="the profile's")
]
Item = Annotated[
    str | None, typer.Option(metavar="ID", help="An item that can be bought.", show_default="the profile's")
]
Version = Annotated[
    str | None,
    typer.Option("--api-version", metavar="DATE", help="The version to judge by.", show_default="the profile's, or "
                 f"{LATEST}"),
]  # fmt: skip
Listen = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Where to receive order events.", show_default="the profile's")
]
McpUrl = Annotated[
    str | None,
    typer.Option("--mcp-url", metavar="URL", help="The MCP endpoint of the shop.", show_default="the profile's"),
]
WebhookUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Where the shop reaches that, by a tunnel.", show_default="the profile's"),
]


def target(
    url: str | None,
    file: Path | None,
    key: str | None,
    item: str | None,
    version: str | None,
    platform: str | None = None,
    webhook: Mapping[str, str | None] | None = None,
    mcp_url: str | None = None,
) -> Profile:
    """The profile that options and a file make together; options win. Raises BadProfile.

    `webhook` are members of that table; without a secret in the profile the events cannot be verified.
    """
    from conformance.profile.file import load, made_of

    path = file or (DEFAULT_FILE if url is None and DEFAULT_FILE.exists() else None)
    if url is None and path is None:
        raise BadProfile("", "", f"Name the URL of a shop, or a profile: there is no {DEFAULT_FILE} here.")
    document: dict[str, Any] = load(path) if path else {"version": LATEST}
    if url is not None:
        document["merchant"] = {**document.get("merchant", {}), "url": url}
    if key is not None:
        document["merchant"] = {**document.get("merchant", {}), "key": key}
    if item is not None:
        document["items"] = {**document.get("items", {}), "in_stock": item}
    if mcp_url is not None:
        document["mcp"] = {**document.get("mcp", {}), "url": mcp_url}
    received = {name: value for name, value in (webhook or {}).items() if value is not None}
    if received:
        document["webhook"] = {**document.get("webhook", {}), **received}
    if version is not None:
        document["version"] = version
    if platform is not None:
        document["profile"] = platform
    return made_of(document, os.environ, str(path or "the options"))
