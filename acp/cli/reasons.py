"""Why a session is held back, in the shop's words, each with what the person at the command can do about it."""

from __future__ import annotations

from collections.abc import Iterator

from acp.cli.text import plain
from acp.client.parts import parts
from acp.models.checkout import CheckoutSession, Message

_OPTIONS = (
    ("email", "--email ADDRESS"),
    ("fulfillment_details", "--ship-to FILE"),
    ("selected_fulfillment_options", "--option ID"),
)
"""The option that sets a member of the session, by what the member's path holds."""


def said(session: CheckoutSession) -> Iterator[str]:
    """Everything the shop says."""
    return (_words(message) for message in parts(session.messages))


def asides(session: CheckoutSession) -> Iterator[str]:
    """What the shop says that is no error."""
    return (_words(message) for message in parts(session.messages) if message.type != "error")


def reasons(session: CheckoutSession) -> str:
    """The errors of a session as sentences; empty where it names none."""
    return " ".join(f"{_sentence(message)}{_advice(message)}" for message in _errors(session))


def _errors(session: CheckoutSession) -> list[Message]:
    return [message for message in parts(session.messages) if message.type == "error"]


def _words(message: Message) -> str:
    return plain(message.content or message.get("code") or message.type)


def _sentence(message: Message) -> str:
    words = _words(message)
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _advice(message: Message) -> str:
    at = message.get("param")
    option = next((option for member, option in _OPTIONS if member in at), None) if isinstance(at, str) else None
    if option is None:
        return ""
    return f" Add {option}." if message.get("code") == "missing" else f" Correct {option}."
