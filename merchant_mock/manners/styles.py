"""Other ways to write the same: how JSON is laid out, how times and paths are spelled, in which order lines stand."""

from __future__ import annotations

import gzip
import json
import re
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import orjson

from merchant_mock.deeds import Memory
from merchant_mock.manners.register import manner, style
from merchant_mock.wire.exchange import Asked, Go, Reply

_ELSEWHERE = timezone(timedelta(hours=5, minutes=45))
_MOMENT = re.compile(rb'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z))"')
_LINE = re.compile(rb'"li_(\d+)"')
_SHOWN_LINE = re.compile(rb'"line\.(\d+)~"')
_PARAM_LINE = re.compile(r"\$\.line_items\[(\d+)\]")
_STEP = re.compile(r"\.([A-Za-z_]\w*)")


@style()
def pretty_json(body: bytes) -> bytes:
    """Indented, its members in the order of the alphabet."""
    layout = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(orjson.loads(body), option=layout)


@style()
def ascii_json(body: bytes) -> bytes:
    """Every character beyond ASCII escaped, and solidi too."""
    return json.dumps(orjson.loads(body)).replace("/", "\\/").encode()


@style()
def offset_timestamps(body: bytes) -> bytes:
    """The same moments on the clocks of another place."""
    return _MOMENT.sub(_moved, body)


def _moved(found: re.Match[bytes]) -> bytes:
    there = datetime.fromisoformat(found[1].decode()).astimezone(_ELSEWHERE)
    return f'"{there.isoformat(timespec="milliseconds")}"'.encode()


@manner
async def compressed(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Answer in gzip whoever takes it."""
    reply = (await go(asked)).with_header("vary", "Accept-Encoding")
    if "gzip" not in (asked.header("accept-encoding") or ""):
        return reply
    return reply.with_body(gzip.compress(reply.body, mtime=0)).with_header("content-encoding", "gzip")


def _known_lines(body: bytes) -> bytes:
    return _SHOWN_LINE.sub(rb'"li_\1"', body)


@style(read=_known_lines)
def opaque_line_ids(body: bytes) -> bytes:
    """Line items under other ids, which are known when they come back."""
    return _LINE.sub(rb'"line.\1~"', body)


@style()
def reversed_lines(body: bytes) -> bytes:
    """The last line item first, and the messages' paths with it."""
    document = orjson.loads(body)
    lines = document.get("line_items") if isinstance(document, dict) else None
    if not isinstance(lines, list):
        return body
    document["line_items"] = lines[::-1]
    for message in document.get("messages", ()):
        if "param" in message:
            message["param"] = _PARAM_LINE.sub(partial(_turned, len(lines)), message["param"])
    return orjson.dumps(document)


def _turned(lines: int, at: re.Match[str]) -> str:
    return f"$.line_items[{lines - 1 - int(at[1])}]"


@style()
def item_ids_of_the_catalogue(body: bytes) -> bytes:
    """Selections name what they are for by the catalogue's item ids."""
    document = orjson.loads(body)
    if not isinstance(document, dict) or "selected_fulfillment_options" not in document:
        return body
    items = {line["id"]: line["item"]["id"] for line in document["line_items"]}
    for choice in document["selected_fulfillment_options"]:
        choice["item_ids"] = list(dict.fromkeys(items.get(id, id) for id in choice["item_ids"]))
    return orjson.dumps(document)


@style()
def normalized_params(body: bytes) -> bytes:
    """Paths in the normalized spelling of RFC 9535, with brackets throughout."""
    document = orjson.loads(body)
    for told in [document, *document.get("messages", ())]:
        _normalize(told)
    return orjson.dumps(document)


def _normalize(told: Any) -> None:
    """Respell the path of an error or message; that of requires_3ds is stated letter by letter."""
    if isinstance(told, dict) and "param" in told and told.get("code") != "requires_3ds":
        told["param"] = _STEP.sub(r"['\1']", told["param"])


@manner
async def params_without_root(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Refuse at paths that leave out the `$.` in front."""
    reply = await go(asked)
    param = reply.document.get("param", "") if asked.operation == "delegate_payment" else ""
    return reply.with_document(reply.document | {"param": param[2:]}) if param.startswith("$.") else reply
