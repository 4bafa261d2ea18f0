-- Which alerts somebody is to be told of, and whether that was done. `sent` is NULL while it waits.
CREATE TABLE notices (
    alert TEXT PRIMARY KEY,
    at REAL NOT NULL,
    sent REAL,
    tries INTEGER NOT NULL DEFAULT 0,
    error TEXT
) WITHOUT ROWID;
CREATE INDEX notices_waiting ON notices (at) WHERE sent IS NULL;
