"""The exchanges of a run as an HTTP archive (HAR 1.2), for the tools that read one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

from conformance.reports.account import Record

UNKNOWN: Final = -1
"""What the format writes for sizes and times that nobody measured."""

_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}


def har(run: Mapping[str, Any]) -> str:
    """The archive of a run file."""
    log = {
        "version": "1.2",
        "creator": {"name": "acp-conformance", "version": run["suite"]},
        "comment": f"{run['claim']['claim']}, {run['profile']}, run file {run['digest']}",
        "entries": [_entry(record) for record in run["exchanges"]],
    }
    return json.dumps({"log": log}, indent=1) + "\n"


def _entry(record: Record) -> dict[str, Any]:
    return {
        "startedDateTime": record["began"],
        "time": record["milliseconds"],
        "request": _request(record["request"]),
        "response": _response(record),
        "cache": {},
        "timings": {"send": 0, "wait": record["milliseconds"], "receive": 0},
        "comment": f"#{record['number']} {record['operation']}, {record['purpose']}",
    }


def _request(sent: Mapping[str, Any]) -> dict[str, Any]:
    url = sent["url"]
    request = {
        "method": sent["method"],
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(sent["headers"]),
        "queryString": [{"name": n, "value": v} for n, v in parse_qsl(url.partition("?")[2], keep_blank_values=True)],
        "headersSize": UNKNOWN,
        "bodySize": sent.get("bytes", 0),
    }
    body = _text(sent)
    return {**request, "postData": {"mimeType": _kind(sent), "text": body}} if body else request


def _response(record: Record) -> dict[str, Any]:
    came = record.get("answer", {"status": 0, "headers": []})
    failure = record.get("failure", {}).get("says", "")
    response = {
        "status": came["status"],
        "statusText": _PHRASES.get(came["status"], ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(came["headers"]),
        "content": {"size": came.get("bytes", 0), "mimeType": _kind(came), "text": _text(came)},
        "redirectURL": _header(came, "location"),
        "headersSize": UNKNOWN,
        "bodySize": came.get("bytes", 0),
    }
    return {**response, "comment": failure} if failure else response


def _headers(headers: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _header(said: Mapping[str, Any], name: str) -> str:
    return next((value for known, value in said["headers"] if known.lower() == name), "")


def _kind(said: Mapping[str, Any]) -> str:
    return _header(said, "content-type") or "application/octet-stream"


def _text(said: Mapping[str, Any]) -> str:
    return json.dumps(said["json"], ensure_ascii=False) if "json" in said else str(said.get("text", ""))
