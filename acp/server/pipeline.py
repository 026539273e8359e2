"""The way of one request, top to bottom: limits, authenticate, version, key, read, validate, claim, operate, answer.

Every refusal is raised as a ProtocolError; `_refusal` here is the only place that turns one into bytes. What is decided
by headers is refused before the key is looked at and so is never stored (reading A26).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

import schemas
from acp import canonical, errors, headers, signing
from acp.server.admission import Admission
from acp.server.deployment import Deployment
from acp.server.endpoint import Access, BodyCheck, Call, Endpoint, Operation, Presence
from acp.server.incoming import Incoming, wire
from acp.server.store import Answer, Claim, Taken
from acp.server.timeouts import slow_backend, within

log = logging.getLogger("acp.server")

RETRY_AFTER_SECONDS = 1
"""What a caller is told to wait while the first request with its key is still in flight."""


class Pipeline:
    """Serves one endpoint, as an ASGI application: checks a request, has it operated, and renders what comes back."""

    def __init__(
        self, deployment: Deployment, endpoint: Endpoint, operation: Operation, check_body: BodyCheck | None = None
    ) -> None:
        self._deployment = deployment
        self._admission = Admission(deployment)
        self.endpoint = endpoint
        self._operation = operation
        self._check_body = check_body
        self._seconds = deployment.limits.operation_seconds
        self._in_flight: dict[tuple[str, str, str], str] = {}
        self._on_success = _encoded(endpoint.headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; whatever goes wrong is an answer too."""
        request = Incoming(scope, receive)
        try:
            answer, replayed = await self._answered(request)
        except errors.ProtocolError as refusal:
            answer, replayed = _refusal(refusal), False
        except errors.BackendMistake as mistake:
            log.error("%s %s: %s", self.endpoint.method, self.endpoint.path, mistake)
            answer, replayed = _refusal(_failed()), False
        except Exception:  # here every request ends, and its caller is owed an answer whatever failed
            log.exception("%s %s failed", self.endpoint.method, self.endpoint.path)
            answer, replayed = _refusal(_failed()), False
        sent = self._headers(request, answer, replayed)
        await send({"type": "http.response.start", "status": answer.status, "headers": sent})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answered(self, request: Incoming) -> tuple[Answer, bool]:
        """The answer, and whether it is the repetition of an earlier one."""
        self._admission.check_limits(request)
        owner = await self._admit(request)
        self._check_version(request)
        key = self._key(request)
        raw = await self._read(request)
        call = await self._checked(request, owner, key, raw)
        return await self._once(call, call.claim) if call.claim else (await self._operate(call), False)

    async def _admit(self, request: Incoming) -> str:
        """Who asks, unless they have asked too often of late; whoever is not known is counted by address."""
        resource = self.endpoint.answers[0]
        owner = await self._admission.owner(request, resource) if self.endpoint.access is Access.BEARER else ""
        self._admission.enter(owner, request, resource)
        return owner

    def _check_version(self, request: Incoming) -> None:
        if self.endpoint.access is not Access.BEARER:
            return
        version = request.header(headers.API_VERSION)
        if version not in self._deployment.versions:
            raise errors.UnsupportedVersion.named(version, self._deployment.versions)

    def _key(self, request: Incoming) -> str | None:
        presence = self.endpoint.key.key
        key = request.header(headers.IDEMPOTENCY_KEY) if presence is not Presence.NONE else None
        if not key and presence is Presence.REQUIRED:
            raise errors.IdempotencyKeyRequired("The Idempotency-Key header is required here.")
        if key and len(key) > headers.MAX_KEY_LENGTH:
            raise errors.InvalidRequest(
                f"The Idempotency-Key is longer than {headers.MAX_KEY_LENGTH} characters.",
                code="idempotency_key_too_long",
            )
        return key or None

    async def _read(self, request: Incoming) -> bytes:
        if self.endpoint.body is Presence.NONE:
            return b""
        body = await self._admission.body(request)
        if (body or self.endpoint.body is Presence.REQUIRED) and not headers.is_json(
            request.header(headers.CONTENT_TYPE)
        ):
            raise errors.NotJson("Send the body as Content-Type: application/json in UTF-8.")
        return body

    async def _checked(self, request: Incoming, owner: str, key: str | None, raw: bytes) -> Call:
        call = Call(self.endpoint, self._deployment.clock(), request.scope, owner=owner, raw=raw)
        if self._check_body is not None:
            await within(self._seconds, self._check_body(call.headers, raw, call.now), slow_backend)
        if self.endpoint.body is Presence.REQUIRED and not raw:
            raise errors.InvalidRequest("A JSON body is required here.", code="missing", param="$")
        call.body = canonical.parse(raw) if raw else None
        self._verify_signature(call)
        self._validate(call.body)
        call.claim = self._claim(request, key, call)
        return call

    def _claim(self, request: Incoming, key: str | None, call: Call) -> Claim | None:
        if key is None:
            return None
        fingerprint = canonical.fingerprint(call.body, self._deployment.fingerprint_key)
        return Claim(call.owner, request.path, key, fingerprint, call.now)

    def _verify_signature(self, call: Call) -> None:
        keys = self._deployment.request_keys(call.owner) if call.owner and call.body is not None else ()
        if not keys:
            return
        sent = call.headers
        signature, timestamp = sent.get(headers.SIGNATURE), sent.get(headers.TIMESTAMP)
        try:
            signing.verify_request(canonical.canonical(call.body), signature, timestamp, keys, now=call.now)
        except errors.SignatureError as wrong:
            raise errors.Unauthorized(str(wrong), code="invalid_signature") from None

    def _validate(self, body: Any) -> None:
        if self.endpoint.accepts is None or (body is None and self.endpoint.body is Presence.OPTIONAL):
            return
        validator = schemas.validator(*self.endpoint.accepts, overlay=not self._deployment.strict)
        if not validator.is_valid(body):
            first = validator.problems(body)[0]
            raise errors.InvalidRequest(first.message, code=first.code, param=first.path)

    async def _once(self, call: Call, claim: Claim) -> tuple[Answer, bool]:
        """Operate under a key, which is held meanwhile; a repetition is given the stored answer."""
        slot = (claim.owner, claim.path, claim.key)
        if self.endpoint.key.look_first or slot in self._in_flight:
            stored = self._stored(claim) or self._given(self._in_flight.get(slot), None, claim)
            if stored is not None:
                return stored, True
        self._in_flight[slot] = claim.fingerprint
        try:
            return await self._operate(call), False
        except Exception as failure:  # whatever a repetition meets, it is given the answer that there was
            stored = self._stored(claim) if isinstance(failure, Taken) or not self.endpoint.key.look_first else None
            if stored is None:
                raise
            raised = type(failure).__name__
            log.debug("%s %s: answered as before, past %s", self.endpoint.method, self.endpoint.path, raised)
            return stored, True
        finally:
            del self._in_flight[slot]

    def _stored(self, claim: Claim) -> Answer | None:
        kept = self._deployment.store.kept(claim)
        return self._given(kept.fingerprint, kept.answer, claim) if kept else None

    def _given(self, fingerprint: str | None, answer: Answer | None, claim: Claim) -> Answer | None:
        """The answer to a claim on a key that was used with a body of this fingerprint; None for one never used."""
        if fingerprint is None:
            return None
        if fingerprint != claim.fingerprint:
            raise errors.IdempotencyConflict(
                "This Idempotency-Key was used with another body. Send a new key.", status=self.endpoint.key.conflict
            )
        if answer is None:
            raise errors.IdempotencyInFlight(
                "The first request with this Idempotency-Key is still being processed.", retry_after=RETRY_AFTER_SECONDS
            )
        return answer

    async def _operate(self, call: Call) -> Answer:
        try:
            return await (self._operation(call) if self.endpoint.leased else self._in_time(call))
        except errors.ProtocolError as refusal:
            passing = refusal.status >= 500 or refusal.retry_after is not None
            if passing or call.claim is None:
                raise
            answer = _refusal(refusal)
            await self._deployment.store.remember(call.claim, answer)
            return answer

    async def _in_time(self, call: Call) -> Answer:
        return await within(self._seconds, self._operation(call), slow_backend)

    def _headers(self, request: Incoming, answer: Answer, replayed: bool) -> list[tuple[bytes, bytes]]:
        sent = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer.body))]
        key = request.header(headers.IDEMPOTENCY_KEY)
        if key and self.endpoint.key.key is not Presence.NONE and len(key) <= headers.MAX_KEY_LENGTH:
            sent.append((wire(headers.IDEMPOTENCY_KEY), key.encode("latin-1")))
        if request_id := request.header(headers.REQUEST_ID):
            sent.append((wire(headers.REQUEST_ID), request_id.encode("latin-1")))
        if replayed:
            sent.append((wire(headers.IDEMPOTENT_REPLAYED), b"true"))
        if answer.headers:
            sent += _encoded(answer.headers)
        return sent + self._on_success if answer.status < 300 else sent


def _failed() -> errors.ServerFault:
    return errors.ServerFault("The server failed. The request may be sent again with the same key.")


def _refusal(error: errors.ProtocolError) -> Answer:
    extra = {**error.headers}
    if error.retry_after is not None:
        extra[headers.RETRY_AFTER] = str(error.retry_after)
    return Answer(error.status, orjson.dumps(error.to_dict()), extra)


def _encoded(named: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(wire(name), value.encode("latin-1")) for name, value in named.items()]
