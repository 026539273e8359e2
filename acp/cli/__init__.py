"""The command `acp`: look at a shop, and buy something there."""

from acp.cli.app import main

__all__ = ["main"]
