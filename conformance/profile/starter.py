"""The profile to begin with: every member there is, commented, and what the shop declares filled in."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def starter(url: str, item: str, version: str) -> str:
    """The text of a profile for a shop at a base URL."""
    text = files("conformance.profile").joinpath("template.toml").read_text(encoding="utf-8")
    for name, value in {"url": url, "item": item, "version": version}.items():
        text = text.replace(f'"{{{name}}}"', json.dumps(value), 1)
    return text


def declared(document: Any) -> dict[str, str]:
    """`api_base_url` and `version` of a discovery document, as far as it has them."""
    if not isinstance(document, dict):
        return {}
    protocol = document.get("protocol")
    version = protocol.get("version") if isinstance(protocol, dict) else None
    found = {"api_base_url": document.get("api_base_url"), "version": version}
    return {name: value for name, value in found.items() if isinstance(value, str)}
