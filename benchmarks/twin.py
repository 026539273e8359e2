"""The bare twin: parses, checks, writes the same rows in one grouped synchronous=FULL transaction, answers; no more."""

import asyncio
import os
import sqlite3
import threading
from importlib.resources import files
from queue import SimpleQueue
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

import schemas

SESSION = "INSERT OR REPLACE INTO sessions VALUES (?, 'an agent', 'ready_for_payment', 1, 0, 0, ?, ?)"
ANSWER = "INSERT INTO idempotency VALUES ('an agent', ?, ?, ?, 200, '{}', ?, 0)"
ORDER = "INSERT INTO orders VALUES (?, ?, 'an agent', ?, 0)"
EVENT = "INSERT INTO events (order_id, owner, body, next_at) VALUES (?, 'an agent', ?, 1e12)"
ONE = "/checkout_sessions/{id}"


class Twin:
    """`sample` holds what the real server answers and stores, with CS in the place of every session id."""

    def __init__(self, path, sample):
        self.sample, self.jobs = sample, SimpleQueue[Any]()
        self.db, self.reading = (sqlite3.connect(path, isolation_level=None, check_same_thread=False) for _ in "wr")
        tables = (files("acp.server.store") / "schema.sql").read_text()
        self.db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {tables}")
        kinds = {name: f"CheckoutSession{name.title()}Request" for name in ("create", "update", "complete")}
        self.checks = {name: schemas.validator("checkout", kind, overlay=True) for name, kind in kinds.items()}
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while True:
            group = [self.jobs.get()]
            while not self.jobs.empty() and len(group) < 64:
                group.append(self.jobs.get())
            self.db.execute("BEGIN IMMEDIATE")
            for statement in (each for statements, _ in group for each in statements):
                self.db.execute(*statement)
            self.db.execute("COMMIT")
            group[0][1].get_loop().call_soon_threadsafe(lambda done=group: [each.set_result(None) for _, each in done])

    async def write(self, request, name, id, status, *more):
        body = orjson.loads(await request.body())
        if not self.checks[name].is_valid(body):
            return Response(b'{"type":"invalid_request"}', 400)
        document, done = self.sample[name].replace("CS", id), asyncio.get_running_loop().create_future()
        key = (request.scope["path"], request.headers["idempotency-key"], "f" * 64, document.encode())
        self.jobs.put((((SESSION, (id, document, self.sample["asked"])), (ANSWER, key), *more), done))
        await done
        return Response(document.encode(), status, media_type="application/json")

    async def create(self, request):
        return await self.write(request, "create", f"cs_{os.urandom(16).hex()}", 201)

    async def update(self, request):
        return await self.write(request, "update", request.path_params["id"], 200)

    async def complete(self, request):
        id, order = request.path_params["id"], self.sample["order"]
        return await self.write(request, "complete", id, 200, (ORDER, (id, id, order)), (EVENT, (id, order.encode())))

    async def get(self, request):
        found = self.reading.execute("SELECT document FROM sessions WHERE id = ?", (request.path_params["id"],))
        row = found.fetchone()
        return Response(row[0].encode() if row else b"{}", 200 if row else 404, media_type="application/json")


def create_app(path, sample):
    twin = Twin(path, sample)
    posts = {"/checkout_sessions": twin.create, ONE: twin.update, f"{ONE}/complete": twin.complete}
    return Starlette(routes=[Route(ONE, twin.get), *(Route(p, f, methods=["POST"]) for p, f in posts.items())])
