"""The requests of a purchase, as bytes: the same for the shop and for its twin."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson

from benchmarks.load import request

CREATE: dict[str, Any] = {
    "line_items": [{"id": "mug", "quantity": 2}],
    "currency": "usd",
    "capabilities": {"interventions": {"supported": ["3ds"]}},
    "buyer": {"email": "ada@example.com"},
    "fulfillment_details": {
        "address": {
            "name": "Ada Moor",
            "line_one": "1 Heather Row",
            "city": "Fresno",
            "state": "CA",
            "country": "US",
            "postal_code": "93701",
        }
    },
}
UPDATE: dict[str, Any] = {"line_items": [{"id": "mug", "quantity": 3}]}
COMPLETE: dict[str, Any] = {
    "payment_data": {
        "handler_id": "card",
        "instrument": {"type": "card", "credential": {"type": "spt", "token": "vt_1"}},
    }
}

HEADERS = {"Authorization": "Bearer demo-key", "API-Version": "2026-04-17", "Content-Type": "application/json"}
SESSIONS = "/checkout_sessions"


def creates() -> Iterator[bytes]:
    """Requests to create a session, each under a key of its own."""
    body = orjson.dumps(CREATE)
    while True:
        yield _post(SESSIONS, body)


def updates(ids: Iterable[str]) -> Iterator[bytes]:
    """Requests to update these sessions."""
    body = orjson.dumps(UPDATE)
    return (_post(f"{SESSIONS}/{id}", body) for id in ids)


def completes(ids: Iterable[str]) -> Iterator[bytes]:
    """Requests to pay for these sessions."""
    body = orjson.dumps(COMPLETE)
    return (_post(f"{SESSIONS}/{id}/complete", body) for id in ids)


def gets(ids: Iterable[str]) -> Iterator[bytes]:
    """Requests to read these sessions, again and again."""
    return (request("GET", f"{SESSIONS}/{id}", HEADERS.items()) for id in cycle(ids))


def id_in(body: bytes) -> str:
    """The id of a session that was answered."""
    return str(orjson.loads(body)["id"])


def open_one(url: str) -> dict[str, Any]:
    """Create one session and return it."""
    with httpx.Client(base_url=url, headers=HEADERS, trust_env=False) as http:
        return _answered(http, SESSIONS, CREATE)


def sample(url: str, database: Path) -> dict[str, str]:
    """What the shop answers and stores for one purchase, with CS in the place of the session's id."""
    with httpx.Client(base_url=url, headers=HEADERS, trust_env=False) as http:
        created = _answered(http, SESSIONS, CREATE)
        id = created["id"]
        updated = _answered(http, f"{SESSIONS}/{id}", UPDATE)
        completed = _answered(http, f"{SESSIONS}/{id}/complete", COMPLETE)
    with closing(sqlite3.connect(database)) as db:
        asked = db.execute("SELECT asked FROM sessions").fetchone()[0]
    documents = {"create": created, "update": updated, "complete": completed, "order": completed["order"]}
    return {name: orjson.dumps(each).decode().replace(id, "CS") for name, each in documents.items()} | {"asked": asked}


def _post(path: str, body: bytes) -> bytes:
    return request("POST", path, [*HEADERS.items(), ("Idempotency-Key", str(uuid4()))], body)


def _answered(http: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = http.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
    answer.raise_for_status()
    document: dict[str, Any] = answer.json()
    return document
