"""Exchanges as an HTTP archive (HAR 1.2), for whatever reads those. Bodies and headers have their secrets masked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import acp
from merchant_mock.journal.entry import Entry, Side


def har(entries: Iterable[Entry], base: str) -> dict[str, Any]:
    """The archive of some exchanges with a server at `base`, such as `http://127.0.0.1:8080`."""
    creator = {"name": "acp-merchant", "version": acp.__version__}
    return {"log": {"version": "1.2", "creator": creator, "entries": [_entry(entry, base) for entry in entries]}}


def _entry(entry: Entry, base: str) -> dict[str, Any]:
    return {
        "startedDateTime": entry.at.isoformat(),
        "time": entry.milliseconds,
        "request": _request(entry, base),
        "response": _response(entry),
        "cache": {},
        "timings": {"send": 0, "wait": entry.milliseconds, "receive": 0},
    }


def _request(entry: Entry, base: str) -> dict[str, Any]:
    query = entry.url.partition("?")[2]
    request = {
        "method": entry.method,
        "url": base + entry.url,
        "queryString": [{"name": name, "value": value} for name, value in parse_qsl(query, keep_blank_values=True)],
        **_common(entry, entry.request),
    }
    if entry.request.size:
        kind = entry.request.header("content-type") or ""
        request["postData"] = {"mimeType": kind, "params": [], "text": entry.request.body or ""}
    return request


def _response(entry: Entry) -> dict[str, Any]:
    reply = entry.reply
    content = {"size": reply.size, "mimeType": reply.header("content-type") or ""}
    return {
        "status": entry.status or 0,  # 0 is what the format has for no answer
        "statusText": "",
        "content": content | ({"text": reply.body} if reply.body else {}),
        "redirectURL": reply.header("location") or "",
        **_common(entry, reply),
    }


def _common(entry: Entry, side: Side) -> dict[str, Any]:
    return {
        "httpVersion": f"HTTP/{entry.http_version}",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in side.headers],
        "headersSize": -1,
        "bodySize": side.size,
    }
