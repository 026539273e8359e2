"""The command `acp-conformance`: what the protocol asks, and of whom."""

from conformance.cli.app import main

__all__ = ["main"]
