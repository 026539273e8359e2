"""What a probe expects of an answer; what is not as expected is raised, with a sentence that says both sides."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import schemas
from conformance.findings import Blocked, Broken, Unanswered
from conformance.trial.vault import is_token
from conformance.wire.exchange import NOT_JSON, Exchange


def answered(seen: Exchange) -> Exchange:
    """There was a whole answer. That one was broken off or endless is the server's fault; another failure is not."""
    if seen.failure and seen.failure.kind in ("broken-off", "too-large", "elsewhere"):
        raise Broken(f"{seen.label}: {seen.failure.says}.", seen)
    if seen.failure:
        raise Unanswered(f"{seen.label}: {seen.failure.says}.", seen)
    return seen


def status(seen: Exchange, *wanted: int, to: str = "") -> Exchange:
    """It was answered with one of these statuses; `to` says to what request."""
    if answered(seen).status not in wanted:
        asked = " or ".join(map(str, wanted))
        raise Broken(f"{_what(seen, to)} was answered {seen.status}{_said(seen)}, not {asked}.", seen)
    return seen


def success(seen: Exchange, to: str = "") -> Exchange:
    """It was answered with a 2xx."""
    if not answered(seen).succeeded:
        raise Broken(f"{_what(seen, to)} was answered {seen.status}{_said(seen)}, not with success.", seen)
    return seen


def refusal(seen: Exchange, to: str = "") -> Exchange:
    """It was answered with a 4xx."""
    if not answered(seen).refused:
        raise Broken(f"{_what(seen, to)} was answered {seen.status}{_said(seen)}, not with a 4xx.", seen)
    return seen


def no_token(seen: Exchange, what: str) -> Exchange:
    """No token was issued, whatever was answered instead; `what` should have kept the PSP from it."""
    if is_token(answered(seen)):
        raise Broken(f"{what} was given a token ({seen.status}).", seen)
    return seen


def error(
    seen: Exchange, *, code: str | Container[str] | None = None, type: str | None = None, param: str | None = None
) -> Exchange:
    """The answer is a flat error with this code, type and param, as far as they are given."""
    body = seen.document
    if not isinstance(body, dict):
        raise Broken(f"{_what(seen)} was answered {seen.status} without an error object.", seen)
    codes = {code} if isinstance(code, str) else code
    if codes is not None and body.get("code") not in codes:
        raise Broken(f"The code is {body.get('code')!r}, not {_either(codes)}.", seen, at="$.code")
    for name, wanted in (("type", type), ("param", param)):
        if wanted is not None and body.get(name) != wanted:
            raise Broken(f"The {name} is {body.get(name)!r}, not {wanted!r}.", seen, at=f"$.{name}")
    return seen


def that(holds: bool, otherwise: str, *seen: Exchange, at: str = "") -> None:
    """Something holds; `otherwise` is the sentence for when it does not."""
    if not holds:
        raise Broken(otherwise, *seen, at=at)


def member(seen: Exchange, at: str, wanted: Any) -> None:
    """A member of the answer has this value."""
    found = seen.body.get(at)
    if found != wanted:
        raise Broken(f"{at} is {found!r}, not {wanted!r}.", seen, at=at)


def json_object(seen: Exchange) -> dict[str, Any]:
    """The answer is a JSON object; returns it."""
    if not isinstance(answered(seen).document, dict):
        kind = "no JSON" if seen.document is NOT_JSON else "JSON, but no object"
        raise Broken(f"{_what(seen)} was answered {seen.status} with a body that is {kind}.", seen)
    return dict(seen.document)


def tells_of_an_error(session: Any) -> bool:
    """Whether a session holds a message of type error, which is how a shop objects without a 4xx."""
    messages = session.get("messages") if isinstance(session, dict) else None
    return any(isinstance(entry, dict) and entry.get("type") == "error" for entry in messages or ())


def no_crash(seen: Exchange, what: str) -> Exchange:
    """A bad request did not make the shop fail."""
    if answered(seen).status >= 500:
        raise Broken(f"{what} was answered {seen.status}{_said(seen)}: the shop failed of it.", seen)
    return seen


def objected(seen: Exchange, what: str) -> None:
    """A bad request was refused with a 4xx, or answered by a session that tells of an error."""
    if not no_crash(seen, what).refused and not (seen.succeeded and tells_of_an_error(seen.document)):
        raise Broken(f"{what} was answered {seen.status} as if nothing were wrong.", seen)


def not_payable(seen: Exchange, what: str) -> None:
    """A bad request was not answered by a session that can be paid, or is."""
    status = session_status(no_crash(seen, what))
    if status in ("ready_for_payment", "completed"):
        raise Broken(f"{what} was answered by a session that is {status}.", seen, at="$.status")


def not_taken(seen: Exchange, what: str) -> None:
    """A bad request was refused with a 4xx, or answered by a session that objects and cannot be paid."""
    objected(seen, what)
    not_payable(seen, what)


def codes(seen: Exchange) -> list[Any]:
    """The codes of the messages of a session. Raises Blocked where it has no list of them."""
    if not isinstance(seen.body.get("$.messages"), list):
        raise Blocked(
            f"The session has no list of messages: {seen.label}.", seen, by="checkout.session.body.messages-array"
        )
    return [code for _, code in seen.body.select("$.messages[*].code")]


def no_order(seen: Exchange, what: str) -> None:
    """A completion brought no order."""
    status = session_status(answered(seen))
    if status == "completed" or (status and "order" in seen.document):
        raise Broken(f"{what} brought an order; the session is {status}.", seen, at="$.status")


def not_bought(seen: Exchange, what: str) -> None:
    """A bad completion brought no order, and was refused with a 4xx or answered by a session that objects."""
    no_order(seen, what)
    objected(seen, what)


def session_status(seen: Exchange) -> str:
    """The status of the session that an answer shows; empty where it shows none."""
    status = seen.document.get("status") if seen.succeeded and isinstance(seen.document, dict) else None
    return status if isinstance(status, str) else ""


def flat_error(seen: Exchange, version: str) -> None:
    """The answer is a flat error, as the version under test defines it."""
    problems = schemas.validator("checkout", "Error", version=version).problems(json_object(seen))
    if problems:
        raise Broken(f"The error is none of the protocol: {problems[0].message}.", seen, at=problems[0].path)


def _what(seen: Exchange, to: str = "") -> str:
    return to or f"{seen.sent.method} {seen.operation}"


def _said(seen: Exchange) -> str:
    """The code of an error, which often tells the cause."""
    code = seen.document.get("code") if isinstance(seen.document, dict) else None
    return f" ({code})" if isinstance(code, str) and len(code) < 60 else ""


def _either(wanted: Any) -> str:
    return " or ".join(repr(each) for each in sorted(wanted))
