"""The way of one request, top to bottom: limits, authenticate, version, key, read, validate, claim, operate, answer.

Every refusal is raised as a ProtocolError; `_refusal` here is the only place that turns one into bytes. What is decided
by headers is refused before the key is looked at and so is never stored (reading A26).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from inspect import isawaitable
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

import schemas
from acp import canonical, errors, headers, signing
from acp.server.deployment import Deployment
from acp.server.endpoint import Access, BodyCheck, Call, Endpoint, Operation, Presence
from acp.server.store import Answer, Claim, Taken

log = logging.getLogger("acp.server")

RETRY_AFTER_SECONDS = 1
"""What a caller is told to wait while the first request with its key is still in flight."""


class Pipeline:
    """Serves one endpoint: checks a request, hands it to the operation, and renders what comes back."""

    def __init__(
        self, deployment: Deployment, endpoint: Endpoint, operation: Operation, check_body: BodyCheck | None = None
    ) -> None:
        self._deployment = deployment
        self.endpoint = endpoint
        self._operation = operation
        self._check_body = check_body
        self._in_flight: dict[tuple[str, str, str], str] = {}

    async def __call__(self, request: Request) -> Response:
        """Answer one HTTP request; whatever goes wrong is an answer too."""
        try:
            answer, replayed = await self._answered(request)
        except errors.ProtocolError as refusal:
            answer, replayed = _refusal(refusal), False
        except ClientDisconnect:
            answer, replayed = _refusal(errors.InvalidRequest("The request ended before its body was complete.")), False
        except errors.BackendMistake as mistake:
            log.error("%s %s: %s", self.endpoint.method, self.endpoint.path, mistake)
            answer, replayed = _refusal(_failed()), False
        except Exception:
            log.exception("%s %s failed", self.endpoint.method, self.endpoint.path)
            answer, replayed = _refusal(_failed()), False
        return self._response(request, answer, replayed)

    async def _answered(self, request: Request) -> tuple[Answer, bool]:
        """The answer, and whether it is the repetition of an earlier one."""
        self._check_limits(request)
        owner = await self._authenticate(request)
        self._check_version(request)
        key = self._key(request)
        raw = await self._read(request)
        call = await self._checked(request, owner, key, raw)
        async with self._claimed(call) as stored:
            return (stored, True) if stored is not None else await self._operate(call)

    def _check_limits(self, request: Request) -> None:
        limits = self._deployment.limits
        if len(request.scope["path"]) > limits.path:
            raise errors.NotFound("There is nothing of that name.")
        if sum(len(name) + len(value) for name, value in request.headers.raw) > limits.headers:
            raise errors.HeadersTooLarge(f"The request headers are over {limits.headers} bytes.")
        declared = request.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared[:20]) > limits.body:
            raise errors.TooLarge(f"The request body is over {limits.body} bytes.")

    async def _authenticate(self, request: Request) -> str:
        if self.endpoint.access is not Access.BEARER:
            return ""
        token = headers.bearer_token(request.headers.get(headers.AUTHORIZATION))
        if token is None:
            raise errors.Unauthorized(
                "Send the API key as Authorization: Bearer <key>.", headers={"WWW-Authenticate": "Bearer"}
            )
        found = self._deployment.keys(token)
        owner = await found if isawaitable(found) else found
        if owner is None:
            raise errors.Unauthorized("The API key is not known here.", headers={"WWW-Authenticate": "Bearer"})
        return owner

    def _check_version(self, request: Request) -> None:
        if self.endpoint.access is not Access.BEARER:
            return
        version = request.headers.get(headers.API_VERSION)
        if version not in self._deployment.versions:
            raise errors.UnsupportedVersion.named(version, self._deployment.versions)

    def _key(self, request: Request) -> str | None:
        presence = self.endpoint.key.key
        key = request.headers.get(headers.IDEMPOTENCY_KEY) if presence is not Presence.NONE else None
        if not key and presence is Presence.REQUIRED:
            raise errors.IdempotencyKeyRequired("The Idempotency-Key header is required here.")
        if key and len(key) > headers.MAX_KEY_LENGTH:
            raise errors.InvalidRequest(
                f"The Idempotency-Key is longer than {headers.MAX_KEY_LENGTH} characters.",
                code="idempotency_key_too_long",
            )
        return key or None

    async def _read(self, request: Request) -> bytes:
        if self.endpoint.body is Presence.NONE:
            return b""
        body, limit = bytearray(), self._deployment.limits.body
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise errors.TooLarge(f"The request body is over {limit} bytes.")
        if (body or self.endpoint.body is Presence.REQUIRED) and not headers.is_json(
            request.headers.get("content-type")
        ):
            raise errors.NotJson("Send the body as Content-Type: application/json in UTF-8.")
        return bytes(body)

    async def _checked(self, request: Request, owner: str, key: str | None, raw: bytes) -> Call:
        now = self._deployment.clock()
        if self._check_body is not None:
            await self._check_body(request.headers, raw, now)
        if self.endpoint.body is Presence.REQUIRED and not raw:
            raise errors.InvalidRequest("A JSON body is required here.", code="missing", param="$")
        body = canonical.parse(raw) if raw else None
        self._verify_signature(request.headers, owner, body, now)
        self._validate(body)
        claim = self._claim(request, owner, key, body, now)
        return Call(
            endpoint=self.endpoint,
            now=now,
            base_url=str(request.base_url),
            headers=request.headers,
            owner=owner,
            claim=claim,
            body=body,
            raw=raw,
            params=request.path_params,
        )

    def _claim(self, request: Request, owner: str, key: str | None, body: Any, now: datetime) -> Claim | None:
        if key is None:
            return None
        fingerprint = canonical.fingerprint(body, self._deployment.fingerprint_key)
        return Claim(owner, request.scope["path"], key, fingerprint, now)

    def _verify_signature(self, sent: Mapping[str, str], owner: str, body: Any, now: datetime) -> None:
        signature = sent.get(headers.SIGNATURE)
        key = self._deployment.request_keys(owner) if owner and signature else None
        if signature is None or key is None:
            return
        try:
            signing.verify_request(canonical.canonical(body), signature, sent.get(headers.TIMESTAMP), key, now=now)
        except errors.SignatureError as wrong:
            raise errors.Unauthorized(str(wrong), code="invalid_signature") from None

    def _validate(self, body: Any) -> None:
        if self.endpoint.accepts is None or (body is None and self.endpoint.body is Presence.OPTIONAL):
            return
        validator = schemas.validator(*self.endpoint.accepts, overlay=not self._deployment.strict)
        if not validator.is_valid(body):
            first = validator.problems(body)[0]
            raise errors.InvalidRequest(first.message, code=first.code, param=first.path)

    @asynccontextmanager
    async def _claimed(self, call: Call) -> AsyncIterator[Answer | None]:
        """Hold the key while the request runs; yields the stored answer when this is a repetition."""
        if call.claim is None:
            yield None
            return
        stored = self._stored(call.claim)
        if stored is not None:
            yield stored
            return
        slot = (call.claim.owner, call.claim.path, call.claim.key)
        self._in_flight[slot] = call.claim.fingerprint
        try:
            yield None
        finally:
            del self._in_flight[slot]

    def _stored(self, claim: Claim) -> Answer | None:
        kept = self._deployment.store.kept(claim)
        working = self._in_flight.get((claim.owner, claim.path, claim.key))
        fingerprint = kept.fingerprint if kept else working
        if fingerprint is None:
            return None
        if fingerprint != claim.fingerprint:
            raise errors.IdempotencyConflict(
                "This Idempotency-Key was used with another body. Send a new key.", status=self.endpoint.key.conflict
            )
        if kept is None or kept.answer is None:
            raise errors.IdempotencyInFlight(
                "The first request with this Idempotency-Key is still being processed.", retry_after=RETRY_AFTER_SECONDS
            )
        return kept.answer

    async def _operate(self, call: Call) -> tuple[Answer, bool]:
        try:
            return await self._operate_or_refuse(call), False
        except Taken:  # another process used the key between our look-up and our commit
            stored = self._stored(call.claimed)
            if stored is None:
                raise
            return stored, True

    async def _operate_or_refuse(self, call: Call) -> Answer:
        try:
            return await self._operation(call)
        except errors.ProtocolError as refusal:
            passing = refusal.status >= 500 or refusal.retry_after is not None
            if passing or call.claim is None:
                raise
            answer = _refusal(refusal)
            await self._deployment.store.remember(call.claim, answer)
            return answer

    def _response(self, request: Request, answer: Answer, replayed: bool) -> Response:
        response = Response(
            answer.body, status_code=answer.status, media_type=headers.JSON, headers=dict(answer.headers)
        )
        key = request.headers.get(headers.IDEMPOTENCY_KEY, "")
        if self.endpoint.key.key is not Presence.NONE and 0 < len(key) <= headers.MAX_KEY_LENGTH:
            response.headers[headers.IDEMPOTENCY_KEY] = key
        if request_id := request.headers.get(headers.REQUEST_ID):
            response.headers[headers.REQUEST_ID] = request_id
        if replayed:
            response.headers[headers.IDEMPOTENT_REPLAYED] = "true"
        if answer.status < 300:
            response.headers.update(self.endpoint.headers)
        return response


def _failed() -> errors.ServerFault:
    return errors.ServerFault("The server failed. The request may be sent again with the same key.")


def _refusal(error: errors.ProtocolError) -> Answer:
    extra = {**error.headers}
    if error.retry_after is not None:
        extra[headers.RETRY_AFTER] = str(error.retry_after)
    return Answer(error.status, orjson.dumps(error.to_dict()), extra)
