"""The discovery document of a merchant, at the root of its origin (rfc.discovery)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from acp.server.answer import answer
from acp.server.deployment import Deployment
from acp.server.endpoint import Call
from acp.server.merchant import Profile
from acp.server.store import Answer
from acp.versions import oldest_first

DISCOVERY = ("checkout", "DiscoveryResponse")


class Discovery:
    """The operation `GET /.well-known/acp.json`. Without `api_base_url` it is derived from the request's own origin."""

    def __init__(
        self,
        profile: Profile,
        deployment: Deployment,
        api_base_url: str | None,
        prefix: str,
        transports: Sequence[str],
    ) -> None:
        self._profile = profile
        self._deployment = deployment
        self._api_base_url = api_base_url
        self._prefix = prefix
        self._transports = list(transports)

    async def describe(self, call: Call) -> Answer:
        """What this merchant speaks and offers."""
        base = self._api_base_url or call.base_url.rstrip("/") + self._prefix
        return answer(self._document(base), DISCOVERY)

    def _document(self, base: str) -> dict[str, Any]:
        versions = oldest_first(self._deployment.versions)
        protocol: dict[str, Any] = {"name": "acp", "version": versions[-1], "supported_versions": versions}
        if self._profile.documentation_url:
            protocol["documentation_url"] = self._profile.documentation_url
        return {
            "protocol": protocol,
            "api_base_url": base,
            "transports": self._transports,
            "capabilities": self._capabilities(),
        }

    def _capabilities(self) -> dict[str, Any]:
        profile = self._profile
        described: dict[str, Any] = {
            "services": list(profile.services),
            "intervention_types": list(profile.interventions.supported),
            "supported_currencies": list(profile.currencies),
        }
        if profile.locales:
            described["supported_locales"] = list(profile.locales)
        if profile.extensions:
            names = ("name", "spec", "schema")
            described["extensions"] = [{n: e[n] for n in names if n in e} for e in profile.extensions]
        return described
