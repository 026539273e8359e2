"""What a request must bring before anybody reads what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson

from tests.independent.clock import Clock
from tests.independent.keys import LONGEST
from tests.independent.reply import Refusal
from tests.independent.shape import instant
from tests.independent.versions import Version

SKEW: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the protocol; the names of headers are in small letters, `id` is that of the session, if any.

    `origin` is where the shop is served, as the caller sees it.
    """

    operation: str
    origin: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    id: str = ""


class Gate:
    """Lets in who shows one of these keys and speaks the version; `slip` names the one thing it gets wrong, if any."""

    def __init__(self, version: Version, clock: Clock, callers: Mapping[str, str], slip: str = "") -> None:
        self._version = version
        self._clock = clock
        self._callers = callers
        self._slip = slip

    def admit(self, call: Call) -> str:
        """Who is calling. Raises Refusal."""
        who = self._caller(call)
        if self._slip != f"{call.operation} without version":
            self._check_version(call)
        sent = call.headers.get("timestamp")
        moment = instant(sent) if sent else self._clock.wall()
        if moment is None or abs(self._clock.wall() - moment) > SKEW:
            raise Refusal(400, "stale_timestamp", "Timestamp is not within five minutes of the time here.")
        return who

    def key(self, call: Call) -> str | None:
        """The idempotency key, or None where the version lets a request go without."""
        key = call.headers.get("idempotency-key")
        if key and self._version.key_needed and len(key) > LONGEST:
            raise Refusal(400, "invalid", f"Idempotency-Key has more than {LONGEST} characters.")
        if not key and self._version.key_needed:
            raise Refusal(400, "idempotency_key_required", "Idempotency-Key is needed.")
        return key or None

    def body(self, call: Call) -> Any:
        """The body; an absent one counts as an empty object. Raises Refusal when it is no JSON."""
        if not call.raw:
            return {}
        media_type = call.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise Refusal(415, "unsupported_media_type", "Content-Type must be application/json.")
        try:
            return orjson.loads(call.raw)
        except orjson.JSONDecodeError as error:
            status = 500 if self._slip == "bad JSON is a crash" else 400
            raise Refusal(status, "invalid_json", f"The body is not JSON: {error}.") from error

    def _caller(self, call: Call) -> str:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token in self._callers:
            return self._callers[token]
        if self._slip == f"{call.operation} without bearer" or (token and self._slip == "any bearer"):
            return next(iter(self._callers.values()))
        status = 403 if self._slip == "strangers are forbidden" and token else 401
        raise Refusal(status, "unauthorized", "A valid bearer key is needed.", headers={"WWW-Authenticate": "Bearer"})

    def _check_version(self, call: Call) -> None:
        asked = call.headers.get("api-version")
        if asked == self._version.api or (asked and self._slip == "any version"):
            return
        raise Refusal(
            400,
            "unsupported_api_version" if asked else "missing_api_version",
            f"API-Version must be {self._version.api}.",
            supported_versions=[self._version.api] if self._version.versions_listed else None,
        )
