-- Version 2: keys are a plain table; deliveries are held, counted and given up; orders and tokens have an age by which they can be purged.

CREATE TABLE idempotency_2 (
    owner TEXT NOT NULL,
    path TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER,
    headers TEXT,
    body BLOB,
    claimed_at REAL NOT NULL,
    PRIMARY KEY (owner, path, key)
);
INSERT INTO idempotency_2 SELECT owner, path, key, fingerprint, status, headers, body, claimed_at FROM idempotency;
DROP TABLE idempotency;
ALTER TABLE idempotency_2 RENAME TO idempotency;
CREATE INDEX idempotency_age ON idempotency (claimed_at);

CREATE INDEX sessions_age ON sessions (expires_at) WHERE status <> 'completed';

CREATE TABLE orders_2 (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL UNIQUE REFERENCES sessions (id),
    owner TEXT NOT NULL,
    document TEXT NOT NULL,
    placed_at REAL NOT NULL
);
INSERT INTO orders_2 (id, session_id, owner, document, placed_at) -- no earlier than they were placed
SELECT orders.id, session_id, orders.owner, orders.document, expires_at
FROM orders JOIN sessions ON sessions.id = session_id;
DROP TABLE orders;
ALTER TABLE orders_2 RENAME TO orders;
CREATE INDEX orders_age ON orders (placed_at);

CREATE TABLE events_2 (
    id INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    owner TEXT NOT NULL,
    body BLOB NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL,
    held_until REAL NOT NULL DEFAULT 0,
    first_at REAL,
    tried_at REAL,
    said TEXT,
    delivered_at REAL,
    dead_at REAL
);
INSERT INTO events_2 (id, order_id, owner, body, attempts, next_at, delivered_at)
SELECT id, order_id, owner, body, attempts, next_at, delivered_at FROM events;
DROP TABLE events;
ALTER TABLE events_2 RENAME TO events;
CREATE INDEX events_due ON events (owner, next_at) WHERE delivered_at IS NULL AND dead_at IS NULL;
CREATE INDEX events_dead ON events (id) WHERE dead_at IS NOT NULL;
CREATE INDEX events_of_order ON events (order_id, id);
CREATE INDEX events_age ON events (delivered_at) WHERE delivered_at IS NOT NULL;

CREATE TABLE tokens_2 (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    reference TEXT NOT NULL,
    allowance TEXT NOT NULL,
    spent_key TEXT,
    expires_at REAL NOT NULL
);
INSERT INTO tokens_2 (id, owner, reference, allowance, spent_key, expires_at) -- one whose end SQLite cannot read stays
SELECT id, owner, reference, allowance, spent_key,
    coalesce(unixepoch(json_extract(allowance, '$.expires_at')), 253402300799)
FROM tokens;
DROP TABLE tokens;
ALTER TABLE tokens_2 RENAME TO tokens;
CREATE INDEX tokens_age ON tokens (expires_at);
