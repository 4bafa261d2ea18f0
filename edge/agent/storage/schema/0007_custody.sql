-- Who has which device. A holder is a pseudonym; no table holds a holder and a place together.

CREATE TABLE holders (
    id TEXT PRIMARY KEY,             -- "cust_7f3a91c2"
    made REAL NOT NULL
) WITHOUT ROWID;

-- The one place where a person's name stands. Each look at it is a row of `looks`.
CREATE TABLE holder_names (
    holder TEXT PRIMARY KEY REFERENCES holders (id),
    name TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE loans (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    epc TEXT NOT NULL,
    holder TEXT REFERENCES holders (id), -- NULL once the holder's time is over
    taken REAL NOT NULL,
    due REAL,
    returned REAL,
    UNIQUE (epc, taken)
);
CREATE UNIQUE INDEX loans_open ON loans (epc) WHERE returned IS NULL;
CREATE INDEX loans_holder ON loans (holder) WHERE holder IS NOT NULL;

-- Who looked at whose name, and why. `hash` is over the row and the hash before it, so that a row
-- that was changed, or taken out of the middle, shows. Rows go from the oldest on, in order, and
-- `looks_begin` keeps what the first of those left was built on.
CREATE TABLE looks (
    number INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    account TEXT NOT NULL,
    holder TEXT NOT NULL,
    reason TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE TABLE looks_begin (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL,         -- of the newest row that went
    hash TEXT NOT NULL,
    newest INTEGER NOT NULL          -- of the newest row that was ever written
);
INSERT INTO looks_begin VALUES (1, 0, '', 0);
CREATE TRIGGER looks_stay BEFORE UPDATE ON looks
BEGIN SELECT raise(ABORT, 'a look is never changed'); END;
CREATE TRIGGER looks_go_in_order BEFORE DELETE ON looks
WHEN old.number <> (SELECT number FROM looks_begin)
BEGIN SELECT raise(ABORT, 'a look goes only when its time is over'); END;
