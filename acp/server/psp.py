"""What a payment service provider writes to issue delegated payment tokens (rfc.delegate_payment)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime

from acp.models.delegate_payment import DelegatePaymentRequest


class Psp(ABC):
    """A card vault. The server checks the request, issues the token and keeps its allowance; the card stays here."""

    @abstractmethod
    async def vault(self, request: DelegatePaymentRequest, now: datetime) -> str:
        """Keep a card and return an opaque reference to it, never the number itself.

        Raises `acp.errors.InvalidRequest` with code `invalid_card` and a `param` for a card that cannot be kept.
        """
