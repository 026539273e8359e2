"""Wire rules: what a fault, a variation or a scenario does to a message, as data.

A rule names the calls it is `on`, what must hold of the request and of the reply `if` they are to be changed, and the
changes: of the `request` before the shop sees it, of the `reply`, of an order `event` on its way out. Bodies are
changed by edits; a header is set, or left out with null. A `refusal` is answered instead of asking the shop; a
`complaint` is what the shop says of a request that it would otherwise take.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from acp import headers
from acp.server.parcel import Parcel, Post, Verdict
from merchant_mock.wire.edits import edited, found, place
from merchant_mock.wire.exchange import Asked, Go, Manner, Reply, Trick, header, refusal, with_header

Rule = Mapping[str, Any]


def trick_of(rule: Rule) -> Trick:
    """The rule for requests and replies as a trick."""

    async def trick(asked: Asked, go: Go) -> Reply:
        if not asks(rule, asked):
            return await go(asked)
        if "refusal" in rule:
            return refusal(**rule["refusal"])
        if "complaint" in rule and asked.document is not None:
            return await complained(rule, asked, go)
        reply = await go(asked_by(rule, asked))
        return replied_by(rule["reply"], reply) if "reply" in rule and answers(rule, reply) else reply

    return trick


def asks(rule: Rule, asked: Asked) -> bool:
    """Whether a request is one that the rule is for."""
    wanted = rule.get("if", {})
    return (
        all(found(asked.document, path) for path in wanted.get("asked", ()))
        and not any(found(asked.document, path) for path in wanted.get("unasked", ()))
        and all(_matches(asked.header(name), value) for name, value in wanted.get("sent", {}).items())
    )


def answers(rule: Rule, reply: Reply) -> bool:
    """Whether a reply is one that the rule changes; if the rule does not say what one has, a successful one is."""
    wanted = rule.get("if", {})
    said = "has" in wanted or "headers" in wanted
    least, most = wanted.get("status", (0, 599) if said else (200, 299))
    return (
        least <= reply.status <= most
        and all(found(reply.document, path) for path in wanted.get("has", ()))
        and not any(found(reply.document, path) for path in wanted.get("lacks", ()))
        and all(_matches(reply.header(name), value) for name, value in wanted.get("headers", {}).items())
    )


def asked_by(rule: Rule, asked: Asked) -> Asked:
    """The request as the rule hands it on."""
    change = rule.get("request", {})
    for name, value in change.get("headers", {}).items():
        asked = asked.with_header(name, value)
    if "body" in change and asked.document is not None:
        document = edited(asked.document, change["body"])
        if not same(document, asked.document):  # what is not touched keeps its bytes, and with them its mistakes
            asked = asked.with_document(document)
    return asked


def same(one: Any, other: Any) -> bool:
    """Whether two documents are the same JSON; for Python true is 1, and 1 is 1.0."""
    return orjson.dumps(one) == orjson.dumps(other)


async def complained(rule: Rule, asked: Asked, go: Go) -> Reply:
    """The refusal of a request for what the rule minds in it; what its headers decide is decided first.

    The shop is asked with a body that it refuses too, and its words are replaced by those of the rule.
    """
    reply = await go(asked.with_body(b"[]"))
    if reply.status >= 500 or not isinstance(reply.document, Mapping) or reply.document.get("param") != "$":
        return reply
    wanted, complaint = rule["if"], rule["complaint"]
    param = place(asked.document, wanted["asked"][0]) if "asked" in wanted else wanted["unasked"][0]
    said = {"code": complaint.get("code", "invalid"), "message": complaint["says"], "param": param}
    return reply.with_document({**reply.document, **said})


def replied_by(change: Mapping[str, Any], reply: Reply) -> Reply:
    """The reply as the rule sends it."""
    if "body" in change and reply.document is not None:
        document = edited(reply.document, change["body"])
        reply = reply if same(document, reply.document) else reply.with_document(document)
    if "text" in change:
        reply = reply.with_body(change["text"].encode())
    for name, value in change.get("headers", {}).items():
        reply = reply.with_header(name, value)
    reply = reply.with_status(change.get("status", reply.status))
    return reply.sent(Manner(change.get("manner", reply.manner))).later(change.get("after", 0.0))


def carried(rule: Rule, post: Post) -> Post:
    """A way to post order events that changes them by the rule."""

    async def changed(parcel: Parcel) -> Verdict:
        wanted = all(found(parcel.document, path) for path in rule.get("if", {}).get("has", ()))
        return await post(sent_by(rule["event"], parcel) if wanted else parcel)

    return changed


def sent_by(change: Mapping[str, Any], parcel: Parcel) -> Parcel:
    """The order event as the rule sends it: signed as it goes out, unless it is changed after signing."""
    if "body" in change:
        changed = replace(parcel, body=orjson.dumps(edited(parcel.document, change["body"])))
        parcel = changed if change.get("after_signing") else changed.signed()
    for name, value in change.get("headers", {}).items():
        parcel = replace(parcel, headers=with_header(parcel.headers, name, value))
    if "signature" in change:
        signature = header(parcel.headers, headers.MERCHANT_SIGNATURE) or ""
        moment, _, hmac = signature.removeprefix("t=").partition(",v1=")
        made = change["signature"].format(t=moment, v1=hmac, signature=signature)
        parcel = replace(parcel, headers=with_header(parcel.headers, headers.MERCHANT_SIGNATURE, made))
    return parcel


def _matches(value: str | None, wanted: str | None) -> bool:
    """Whether a header is missing where None is wanted, and otherwise is all of a regular expression."""
    return value is None if wanted is None else value is not None and re.fullmatch(wanted, value) is not None
