"""How a command ends: an exit code, a word for machines and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from acp.errors import AcpError, ProtocolError, ServerFault, TransportError, UnreadableAnswer, UsageError
from acp.models.checkout import CheckoutSession
from acp.redaction import redact, redact_text


class Code(IntEnum):
    """The exit codes, the same for every subcommand."""

    OK = 0
    NOT_BOUGHT = 1
    USAGE = 2
    FAILED = 3
    AUTHENTICATION = 4
    SAID_NO = 5
    UNKNOWN = 6
    INTERRUPTED = 130


MEANINGS = {
    Code.OK: "done; for buy: bought",
    Code.NOT_BOUGHT: "not bought: declined, not ready, too dear, or refused by the shop",
    Code.USAGE: "the command was used wrongly",
    Code.FAILED: "the network or a server failed before anything was paid",
    Code.AUTHENTICATION: "the card's bank wants to authenticate the buyer (3-D Secure)",
    Code.SAID_NO: "you said no",
    Code.UNKNOWN: "the payment was sent, its outcome is not known: do not just buy again",
    Code.INTERRUPTED: "interrupted; nothing was paid and nothing will be",
}


@dataclass(frozen=True)
class Outcome:
    """The end of a command; `word` is what `--json` says under `outcome`."""

    code: Code
    word: str
    sentence: str = ""
    session: CheckoutSession | None = None
    error: AcpError | None = None

    def to_dict(self) -> dict[str, Any]:
        """The one object that `--json` prints."""
        session = self.session.to_dict() if self.session else None
        return {
            "outcome": self.word,
            "exit_code": int(self.code),
            "message": self.sentence,
            "session": session,
            "order": session.get("order") if session else None,
            "error": redact(self.error.to_dict()) if isinstance(self.error, ProtocolError) else None,
        }


class Ended(Exception):
    """A purchase has come to its end before it was through."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.sentence)
        self.outcome = outcome


def ended(code: Code, word: str, sentence: str, session: CheckoutSession | None = None) -> Ended:
    """The end to be raised."""
    return Ended(Outcome(code, word, sentence, session))


def of_error(error: AcpError, session: CheckoutSession | None = None) -> Outcome:
    """How a command ends that an error of the client stopped."""
    code, word = _kind(error)
    return Outcome(code, word, redact_text(_sentence(error)), session, error)


def _kind(error: AcpError) -> tuple[Code, str]:
    if isinstance(error, UsageError):
        return Code.USAGE, "misused"
    if isinstance(error, (TransportError, ServerFault, UnreadableAnswer)):
        return Code.FAILED, "failed"
    return Code.NOT_BOUGHT, "refused"


def _sentence(error: AcpError) -> str:
    if not isinstance(error, ProtocolError):
        return str(error)
    where = f" ({error.param})" if error.param else ""
    asked = f" Ask them about request {error.request_id}." if error.request_id and error.status >= 500 else ""
    return f"{error.message}{where} [{error.status} {error.code}]{asked}"
