"""The profile of this shop for the conformance suite: a TOML file that says where it is and what it sells."""

from __future__ import annotations

from merchant_mock.app import DEMO_KEY, DEMO_WEBHOOK_SECRET, SPEAKS_MCP
from merchant_mock.control import PREFIX
from merchant_mock.data import HOME
from merchant_mock.shop import MERCHANT_ID

SECOND_KEY = "acp_demo_second_key"
"""The bearer key of a second agent, whose sessions are its own."""

SECOND_AGENTS = {SECOND_KEY: "second-agent"}
"""Whom that key belongs to, as the terms of a shop want it."""

SECOND_MERCHANT_ID = "merchant_other"
"""A merchant that tokens can be issued for, and that this shop is not."""

LISTEN = "127.0.0.1:8765"
"""Where the suite receives order events unless told otherwise."""


def profile(url: str, key: str = DEMO_KEY, *, webhook_secret: str = DEMO_WEBHOOK_SECRET, listen: str = LISTEN) -> str:
    """The text of the profile of a shop at `url`; `listen` is the address at which the suite receives its events."""
    text = (HOME / "conformance.toml").read_text(encoding="utf-8")
    filled = {
        "url": url,
        "key": key,
        "second_key": SECOND_KEY,
        "merchant_id": MERCHANT_ID,
        "second_merchant_id": SECOND_MERCHANT_ID,
        "webhook_secret": webhook_secret,
        "listen": listen,
        "control": url + PREFIX,
    }
    if SPEAKS_MCP:
        text += '\n[mcp]\nurl = "{url}/mcp"\n'
    for name, value in filled.items():
        text = text.replace(f"{{{name}}}", value)
    return text.replace("{{", "{").replace("}}", "}")
