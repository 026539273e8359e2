"""Everything this library raises on purpose.

    AcpError
    ├── ProtocolError              an error stated on the wire: a status and the flat body of rfc.agentic_checkout §3.1
    │   ├── InvalidRequest         400  the body breaks the schema or a rule; `param` says where
    │   │   └── UnsupportedVersion 400  API-Version missing or not spoken; `supported_versions` lists what is
    │   ├── IdempotencyKeyRequired 400  a POST came without Idempotency-Key
    │   ├── Unauthorized           401  no credentials, or ones that are not known
    │   ├── NotFound               404  nothing of that name for this caller
    │   ├── NotAllowedNow          405  the session is finished and cannot change any more
    │   ├── TooSlow                408  the body did not arrive within the server's time
    │   ├── IdempotencyInFlight    409  the first request with this key has not ended; wait `retry_after` seconds
    │   ├── PaymentInProgress      409  the session is being paid and cannot change now; wait `retry_after` seconds
    │   ├── OrderChangeRefused     409  an order cannot be changed like that; the code says why, `param` by what
    │   ├── TooLarge               413  the body is over the server's limit
    │   ├── NotJson                415  the body is not application/json in UTF-8
    │   ├── IdempotencyConflict    422  the key was used with another body
    │   ├── RateLimited            429  too many requests of late; wait `retry_after` seconds
    │   ├── HeadersTooLarge        431  the headers are over the server's limit
    │   └── ServerFault            5xx  the other side failed; nothing is known to have changed
    ├── SignatureError             a signature is missing, malformed, outside its time window or wrong
    ├── TransportError             no answer could be read
    │   ├── ConnectionFailed       no connection, or it was lost
    │   ├── TimedOut               nothing came in time
    │   └── OutcomeUnknown         a payment was sent, and nobody could say what became of it: do not just pay again
    ├── UnreadableAnswer           an answer came that is not the JSON object it should be
    ├── UsageError                 this library was called or configured wrongly
    └── BackendMistake             a merchant's backend returned what the server cannot use; its caller sees a 500

A server raises a ProtocolError and one handler turns it into bytes; a client receives the bytes and raises the same
class. Business outcomes (declined, out of stock, authentication required) are data in the session, never errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from acp import headers
from acp.versions import newest_first

if TYPE_CHECKING:
    from acp.model import Model


class AcpError(Exception):
    """The root of every error of this library."""


class ProtocolError(AcpError):
    """An error stated on the wire: HTTP `status`, `type`, `code`, `message`, and `param` as an RFC 9535 path."""

    default_status: ClassVar[int] = 400
    default_type: ClassVar[str] = "invalid_request"
    default_code: ClassVar[str] = "invalid"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        type: str | None = None,
        code: str | None = None,
        param: str | None = None,
        supported_versions: Sequence[str] = (),
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status or self.default_status
        self.type = type or self.default_type
        self.code = code or self.default_code
        self.param = param
        self.supported_versions = tuple(supported_versions)
        self.retry_after = retry_after
        self.headers = dict(headers or {})
        self.body = body

    @property
    def request_id(self) -> str | None:
        """The `Request-Id` of the answer that carried the error, for a question to the other side."""
        return next((v for k, v in self.headers.items() if k.lower() == headers.REQUEST_ID.lower()), None)

    def to_dict(self) -> dict[str, Any]:
        """The flat body of the wire (rfc.agentic_checkout §3.1)."""
        body: dict[str, Any] = {"type": self.type, "code": self.code, "message": self.message}
        if self.param is not None:
            body["param"] = self.param
        if self.supported_versions:
            body["supported_versions"] = list(self.supported_versions)
        return body

    def __str__(self) -> str:
        where = f" at {self.param}" if self.param else ""
        return f"{self.status} {self.code}{where}: {self.message}"


class InvalidRequest(ProtocolError):
    """The request breaks the schema or a rule of the session."""


class UnsupportedVersion(InvalidRequest):
    """API-Version is missing (`missing_api_version`) or not spoken (`unsupported_api_version`), see §2.1."""

    default_code = "unsupported_api_version"

    @classmethod
    def named(cls, asked: str | None, spoken: Iterable[str]) -> UnsupportedVersion:
        """The refusal of the version `asked` for, with the versions `spoken` newest first."""
        versions = newest_first(spoken)
        if not asked:
            return cls(
                f"The API-Version header is required. Send one of: {', '.join(versions)}.",
                code="missing_api_version",
                supported_versions=versions,
            )
        return cls(
            f"API-Version is not one this server speaks. Send one of: {', '.join(versions)}.",
            supported_versions=versions,
        )


class IdempotencyKeyRequired(ProtocolError):
    """A POST came without a usable Idempotency-Key (rfc.agentic_checkout §6.1)."""

    default_code = "idempotency_key_required"


class Unauthorized(ProtocolError):
    """The bearer token is missing or not known."""

    default_status = 401
    default_code = "unauthorized"


class NotFound(ProtocolError):
    """There is nothing of that name for this caller; what belongs to somebody else is not found either."""

    default_status = 404
    default_code = "not_found"


class NotAllowedNow(ProtocolError):
    """The session is completed, canceled or expired and does not change any more (rfc.agentic_checkout §4.5)."""

    default_status = 405
    default_code = "session_finished"


class TooSlow(ProtocolError):
    """The request body did not arrive within the server's time."""

    default_status = 408
    default_code = "request_timeout"


class IdempotencyInFlight(ProtocolError):
    """The first request with this key is still being processed (rfc.agentic_checkout §6.4)."""

    default_status = 409
    default_code = "idempotency_in_flight"


class PaymentInProgress(ProtocolError):
    """The session is being paid; until that ends it can be neither changed nor canceled (reading A29)."""

    default_status = 409
    default_code = "payment_in_progress"


class OrderChangeRefused(ProtocolError):
    """A shop cannot change an order of its own like that; no endpoint of the protocol answers so.

    Nothing was changed. The code says why: wrong_status, wrong_type, unknown_line, unknown_fulfillment,
    unknown_adjustment, too_many_units, amount_too_large, invalid, and where the order does not say enough
    no_line_items or no_totals.
    """

    default_status = 409
    default_code = "order_change_refused"


class TooLarge(ProtocolError):
    """The request body is over the server's limit."""

    default_status = 413
    default_code = "body_too_large"


class NotJson(ProtocolError):
    """The request body is not declared as application/json in UTF-8."""

    default_status = 415
    default_code = "unsupported_media_type"


class IdempotencyConflict(ProtocolError):
    """The key was used before with another body; a new key is needed (rfc.agentic_checkout §6.4)."""

    default_status = 422
    default_code = "idempotency_conflict"


class RateLimited(ProtocolError):
    """The caller has made too many requests of late; where its list has it the type is `rate_limit_exceeded` (DP-8)."""

    default_status = 429
    default_code = "too_many_requests"


class HeadersTooLarge(ProtocolError):
    """The request headers are over the server's limit."""

    default_status = 431
    default_code = "headers_too_large"


class ServerFault(ProtocolError):
    """The other side failed (5xx). The answer is not stored, so the same key may be sent again (§6.5)."""

    default_status = 500
    default_type = "processing_error"
    default_code = "internal_error"


class SignatureError(AcpError):
    """A signature is missing, malformed, outside its time window or wrong; `reason` is one of those four words."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class TransportError(AcpError):
    """No answer could be read; whether the other side acted on the request is not known.

    Only where `sent` is False it is: the request never left, so nothing can have come of it.
    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class ConnectionFailed(TransportError):
    """No connection could be made, or it was lost before the answer was complete."""


class TimedOut(TransportError):
    """Nothing came within the time allowed."""


class OutcomeUnknown(TransportError):
    """A payment was sent and may have been made; its cause is what failed.

    Read the session `session_id` again before anything else is paid; `session` is how it was last seen, None if never.
    """

    def __init__(self, message: str, *, session_id: str, session: Model | None = None) -> None:
        super().__init__(message)
        self.session_id = session_id
        self.session = session


class UnreadableAnswer(AcpError):
    """An answer came that is not the JSON object the protocol promises; `status` and `body` hold what did come."""

    def __init__(self, message: str, *, status: int, body: bytes, request_id: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = body
        self.request_id = request_id


class UsageError(AcpError):
    """This library was called or configured wrongly; the message says what to change."""


class BackendMistake(AcpError):
    """A backend's method returned what it must not; the message names the method, what it gave and what it must."""


_BY_CODE: Mapping[str, type[ProtocolError]] = {
    "idempotency_conflict": IdempotencyConflict,
    "idempotency_in_flight": IdempotencyInFlight,
    "idempotency_key_required": IdempotencyKeyRequired,
    "missing_api_version": UnsupportedVersion,
    "order_change_refused": OrderChangeRefused,
    "payment_in_progress": PaymentInProgress,
    "unsupported_api_version": UnsupportedVersion,
}

_BY_STATUS: Mapping[int, type[ProtocolError]] = {
    cls.default_status: cls
    for cls in (
        InvalidRequest,
        Unauthorized,
        NotFound,
        NotAllowedNow,
        TooSlow,
        TooLarge,
        NotJson,
        RateLimited,
        HeadersTooLarge,
    )
}


def error_class(status: int, code: str) -> type[ProtocolError]:
    """The class for an error on the wire: by its code where the protocol gives one a meaning, else by its status."""
    if status >= 500:
        return ServerFault
    return _BY_CODE.get(code) or _BY_STATUS.get(status) or ProtocolError


def from_wire(status: int, body: Mapping[str, Any], answer_headers: Mapping[str, str]) -> ProtocolError:
    """The error of a received answer; members of another type than the protocol's are read as absent."""

    def text(name: str) -> str | None:
        value = body.get(name)
        return value if isinstance(value, str) else None

    def header(name: str) -> str | None:
        return next((value for key, value in answer_headers.items() if key.lower() == name.lower()), None)

    code = text("code") or ""
    versions = body.get("supported_versions")
    return error_class(status, code)(
        text("message") or f"The server answered {status}.",
        status=status,
        type=text("type"),
        code=code or None,
        param=text("param"),
        supported_versions=[v for v in versions if isinstance(v, str)] if isinstance(versions, list) else (),
        retry_after=headers.retry_after_seconds(header(headers.RETRY_AFTER), header(headers.DATE)),
        headers=answer_headers,
        body=dict(body),
    )
