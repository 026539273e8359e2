"""Checks of content: the messages of a session, the disclosures of its lines, and how both are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import schemas
from conformance.checking import expect
from conformance.checking.closed import undeclared
from conformance.checking.jsonpath import is_path, plain
from conformance.checking.markdown import raw_html
from conformance.checking.registry import Look, observation, probe
from conformance.document import Document, has, step
from conformance.findings import NotApplicable
from conformance.trial.session import is_session
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

MESSAGES: Final[Mapping[str, str]] = {"info": "MessageInfo", "warning": "MessageWarning", "error": "MessageError"}
"""The definition of each type of message; a warning is one from 2026-01-30."""

WRITTEN: Final = ("$.messages[*]", "$.line_items[*].disclosures[*]")
"""What has a content and a content type."""

WHOLE: Final = ("code", "content_type", "content")
"""What an error message has beside its type."""

_PLACE: Final = re.compile(r"\$\.(\w+)(?:\.\w+|\[\d+\])*")
"""A path to one place, and the member it begins with."""

_NOTHING: Final = object()


@observation("checkout.content.message.closed-object", of="session")
def a_message_has_no_further_members(sight: Sight) -> Iterator[Look]:
    """A message has the members of its type; that an info message has a code is for a rule of its own."""
    for type, definition in MESSAGES.items():
        if type != "warning" or sight.version >= "2026-01-30":
            beside = ("code",) if type == "info" else ()
            yield from undeclared(sight, "$.messages[*]", definition, beside=beside, where={"type": type})


@observation("checkout.content.warning.code-enum", of="session")
def a_warning_has_a_known_code(sight: Sight) -> Iterator[Look]:
    """The code of a warning is a listed one; an active extension may have codes of its own (A67)."""
    yield from _codes(sight, "warning")


@observation("checkout.content.error.code-enum", of="session")
def an_error_message_has_a_known_code(sight: Sight) -> Iterator[Look]:
    """The code of an error message is a listed one; an active extension may have codes of its own (A67)."""
    yield from _codes(sight, "error")


def _codes(sight: Sight, type: str) -> Iterator[Look]:
    if sight.select("$.capabilities.extensions[*]"):
        return
    known = schemas.definition("checkout", MESSAGES[type], sight.version)["properties"]["code"]["enum"]
    for at, message in sight.select("$.messages[*]"):
        if isinstance(message, dict) and message.get("type") == type and "code" in message:
            code = message["code"]
            yield Look(f"{at}.code", "" if code in known else f"The code {code!r} is none of those of {type} messages.")


@observation("checkout.content.message.param-jsonpath", of="session")
def a_param_is_a_path(sight: Sight) -> Iterator[Look]:
    """The param of a message is a JSONPath (A53)."""
    for at, param in sight.select("$.messages[*].param"):
        if param is not None:
            yield Look(at, "" if is_path(param) else f"{param!r} is no JSONPath.")


@observation("checkout.content.message.param-resolves", of="session")
def a_param_leads_to_something(sight: Sight) -> Iterator[Look]:
    """The param of a message leads to something in the session or the request.

    One that says what is missing leads to nothing, and one that speaks of an earlier request begins where neither does.
    """
    for at, path in sight.select("$.messages[*].param"):
        message = sight.document.at(at.removesuffix(".param"))
        place = _PLACE.fullmatch(plain(path)) if isinstance(path, str) and not _tells_what_is_missing(message) else None
        if place and place[1] in {*sight.document.value, *sight.asked}:
            known = (sight.document, *map(Document, sight.given))
            there = any(held.at(place[0], _NOTHING) is not _NOTHING for held in known)
            yield Look(at, "" if there else f"{path!r} leads to nothing.")


def _tells_what_is_missing(message: Mapping[str, Any]) -> bool:
    """Whether a message says, or would say if it had the code it needs, that something is missing."""
    return has(message, {"code": "missing"}) or (has(message, {"type": "error"}) and "code" not in message)


@observation("checkout.content.markdown.no-raw-html", of="session")
def markdown_holds_no_html(sight: Sight) -> Iterator[Look]:
    """Content that is marked as markdown has no raw HTML in it; a comment alone is passed over."""
    for written in WRITTEN:
        for at, held in sight.select(written):
            if has(held, {"content_type": "markdown"}) and isinstance(held.get("content"), str):
                html = raw_html(held["content"])
                yield Look(step(at, "content"), f"There is HTML in the markdown: {html[:60]!r}." if html else "")


@probe("checkout.content.error.required")
async def what_is_wrong_is_said_in_whole_messages(trial: Trial) -> None:
    """What a shop says without an address, and of goods that are sold out or nearly so as far as the profile brings
    them, it says in messages that are whole.
    """
    shop = trial.shop
    await shop.shared()
    kinds = [kind for kind in ("out_of_stock", "low_stock") if trial.profile.item(kind)]
    carts = [shop.draft_for(shop.item("in_stock"), address=None), *(shop.draft_for(shop.item(kind)) for kind in kinds)]
    for seen in [await shop.send(draft) for draft in carts]:
        for at, message in seen.body.select("$.messages[*]"):
            missing = [name for name in WHOLE if has(message, {"type": "error"}) and name not in message]
            expect.that(not missing, f"An error message has no {', '.join(missing)}.", seen, at=at)


@probe("checkout.content.message.resolution-recoverable", needs=["items.out_of_stock"])
async def a_recoverable_problem_is_gone_once_repaired(trial: Trial) -> None:
    """When what is sold out is taken from the cart again, the message that called this recoverable is gone."""
    shop, usual = trial.shop, _recoverable((await trial.shop.shared()).created)
    seen = await shop.send(shop.draft_for(shop.item("in_stock"), shop.item("out_of_stock")))
    told = _recoverable(seen) - usual
    if not told or not is_session(seen.document):
        raise NotApplicable("The shop calls nothing recoverable of a cart with an item that is sold out.", seen)
    session = shop.sessions[str(seen.document["id"])]
    await shop.updated(session, **{shop.dialect.items: [shop.dialect.line(shop.item("in_stock"))]})
    left = told & _recoverable(session.seen)
    expect.that(not left, f"Repaired, and still told of: {', '.join(sorted(left))}.", session.seen, at="$.messages")


def _recoverable(seen: Exchange) -> set[str]:
    """The codes of the error messages that call a problem recoverable."""
    messages = [message for _, message in seen.body.select("$.messages[*]") if isinstance(message, dict)]
    wanted = {"type": "error", "resolution": "recoverable"}
    return {str(each.get("code")) for each in messages if wanted.items() <= each.items()}
