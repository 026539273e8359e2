"""How a test purchase is paid: a ready payment_data, a ready token, one that a command mints, or a delegated card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.findings import Missing
from conformance.profile import Profile
from conformance.trial.hooks import run_command
from conformance.trial.session import Session
from conformance.trial.vault import Vault
from conformance.wire.secrets import Secrets


class Payment:
    """The means of payment of a profile; what is minted is kept out of everything that is captured."""

    def __init__(self, profile: Profile, vault: Vault | None, secrets: Secrets) -> None:
        self._profile = profile
        self._vault = vault
        self._secrets = secrets

    async def data(self, session: Session, means: str = "payment") -> dict[str, Any]:
        """The payment_data that pays a session; `means` is `payment` or one of its kinds, such as `payment.declined`.

        Raises Missing where the profile brings no such means.
        """
        brought = self._profile.get(means)
        if not brought:
            raise Missing(means, "the check has to pay in this way.")
        if "data" in brought:
            return dict(brought["data"])
        return self.around(await self.token(session, means), session, brought)

    def unpaid(self, session: Session) -> dict[str, Any]:
        """A payment_data that is well-formed and pays for nothing, because nobody has issued its token."""
        return self.around("acpc-no-such-token", session, self._profile.get("payment", {}))

    async def token(self, session: Session, means: str = "payment") -> str:
        """A token for a session."""
        brought = self._profile.get(means, {})
        if "token" in brought:
            return str(brought["token"])
        token = await self._minted(session, brought, means)
        self._secrets.learn("ACP_TOKEN", token)
        return token

    async def _minted(self, session: Session, brought: Mapping[str, Any], means: str) -> str:
        if "command" in brought:
            values = {"session_id": session.id, "amount": session.total, "currency": session.currency}
            return await run_command(brought["command"], values, f"{means}.command")
        if "card" in brought and self._vault is not None:
            return await self._vault.minted(brought["card"], session)
        raise Missing(f"{means}.token", "nor data, a command, or a card together with a psp, so nothing can be paid.")

    def around(self, token: str, session: Session, brought: Mapping[str, Any]) -> dict[str, Any]:
        """The payment_data that carries a token, as the version under test writes it."""
        billing = {"billing_address": brought["billing_address"]} if "billing_address" in brought else {}
        if not self._profile.dialect.instrument:
            provider = session.body.get("$.payment_provider.provider", "stripe")
            return {"token": token, "provider": provider, **billing}
        credential = {"type": brought.get("credential_type", "spt"), "token": token}
        handler = brought.get("handler") or self._profile.get("payment.handler") or self.handler_of(session)
        return {"handler_id": handler, "instrument": {"type": "card", "credential": credential}, **billing}

    def handler_of(self, session: Session) -> str:
        """The id of the handler that a session offers for a card, or the first it offers."""
        offered = [
            each for _, each in session.body.select("$.capabilities.payment.handlers[*]") if isinstance(each, dict)
        ]
        cards = [each for each in offered if "card" in str(each.get("name", "")) + str(each.get("id", ""))]
        found = next(iter([*cards, *offered]), None)
        if found is None:
            raise Missing("payment.handler", "and the session offers no payment handler.")
        return str(found.get("id"))
