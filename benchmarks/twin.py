"""The bare twin of the server: parse, check, write the same bytes in one grouped transaction, answer. Nothing else."""

import asyncio
import os
import sqlite3
import threading
from queue import SimpleQueue

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import schemas

TABLES = """
CREATE TABLE sessions (id TEXT PRIMARY KEY, document TEXT NOT NULL, asked TEXT NOT NULL);
CREATE TABLE answers (key TEXT PRIMARY KEY, fingerprint TEXT, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE orders (id TEXT PRIMARY KEY, document TEXT NOT NULL, event BLOB NOT NULL);
"""
PUT_SESSION = "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)"
PUT_ANSWER = "INSERT INTO answers VALUES (?, ?, ?)"
PUT_ORDER = "INSERT INTO orders VALUES (?, ?, ?)"


class Twin:
    """`sample` holds what the real server answers and stores, with CS in the place of every session id."""

    def __init__(self, path, sample):
        self.sample, self.jobs = sample, SimpleQueue()
        self.writing, self.reading = (
            sqlite3.connect(path, isolation_level=None, check_same_thread=False) for _ in "wr"
        )
        self.writing.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + TABLES)
        self.checks = {
            name: schemas.validator("checkout", f"CheckoutSession{name}Request", overlay=True)
            for name in ("Create", "Update", "Complete")
        }
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while True:
            group = [self.jobs.get()]
            while not self.jobs.empty() and len(group) < 64:
                group.append(self.jobs.get())
            self.writing.execute("BEGIN IMMEDIATE")
            for statements, _ in group:
                for statement in statements:
                    self.writing.execute(*statement)
            self.writing.execute("COMMIT")
            group[0][1].get_loop().call_soon_threadsafe(lambda done=group: [each.set_result(None) for _, each in done])

    async def write(self, *statements):
        done = asyncio.get_running_loop().create_future()
        self.jobs.put((statements, done))
        await done

    async def answer(self, request, kind, id, status, *more):
        body = orjson.loads(await request.body())
        if not self.checks[kind].is_valid(body):
            return Response(b'{"type":"invalid_request"}', 400)
        document = self.sample[kind].replace(b"CS", id.encode())
        await self.write(
            (PUT_SESSION, (id, document.decode(), self.sample["asked"])),
            (PUT_ANSWER, (request.headers["idempotency-key"], "f" * 64, document)),
            *more,
        )
        return Response(document, status, media_type="application/json")

    async def create(self, request: Request):
        return await self.answer(request, "Create", f"cs_{os.urandom(16).hex()}", 201)

    async def update(self, request: Request):
        return await self.answer(request, "Update", request.path_params["id"], 200)

    async def complete(self, request: Request):
        id = request.path_params["id"]
        order = (PUT_ORDER, (id, self.sample["order"], self.sample["order"].encode()))
        return await self.answer(request, "Complete", id, 200, order)

    async def get(self, request: Request):
        row = self.reading.execute(
            "SELECT document FROM sessions WHERE id = ?", (request.path_params["id"],)
        ).fetchone()
        return Response(row[0].encode(), media_type="application/json") if row else Response(status_code=404)


def create_app(path, sample):
    twin, one = Twin(path, sample), "/checkout_sessions/{id}"
    return Starlette(
        routes=[
            Route("/checkout_sessions", twin.create, methods=["POST"]),
            Route(one, twin.get),
            Route(one, twin.update, methods=["POST"]),
            Route(f"{one}/complete", twin.complete, methods=["POST"]),
        ]
    )
