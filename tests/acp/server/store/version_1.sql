-- What a server must not forget. Times are Unix seconds; documents are JSON text.

CREATE TABLE idempotency (
    owner TEXT NOT NULL,
    path TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER,              -- NULL while the first request is in flight
    headers TEXT,
    body BLOB,
    claimed_at REAL NOT NULL,
    PRIMARY KEY (owner, path, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (claimed_at);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    status TEXT NOT NULL,
    revision INTEGER NOT NULL,
    attempts INTEGER NOT NULL,   -- payments tried, so that each attempt has its own key at the PSP
    expires_at REAL NOT NULL,
    document TEXT NOT NULL,      -- the session as last answered
    asked TEXT NOT NULL          -- what the agent has said, from which the session is priced
);

CREATE TABLE intents (           -- a payment under way: written before the PSP is asked, gone when its outcome is kept
    session_id TEXT PRIMARY KEY REFERENCES sessions (id),
    key TEXT NOT NULL,           -- the attempt's key at the PSP; an outcome is only kept for the attempt it belongs to
    document TEXT NOT NULL,
    check_at REAL NOT NULL,
    held_until REAL NOT NULL     -- who settles the payment has it alone until then
);

CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL UNIQUE REFERENCES sessions (id),
    owner TEXT NOT NULL,
    document TEXT NOT NULL
);

CREATE TABLE events (            -- the outbox: written with the order, delivered afterwards
    id INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    owner TEXT NOT NULL,
    body BLOB NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL,
    delivered_at REAL
);
CREATE INDEX events_due ON events (owner, next_at) WHERE delivered_at IS NULL;
CREATE INDEX events_of_order ON events (order_id, id) WHERE delivered_at IS NULL;

CREATE TABLE tokens (            -- delegated payment tokens; the card itself stays with the PSP's own vault
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    reference TEXT NOT NULL,
    allowance TEXT NOT NULL,
    spent_key TEXT
);
