-- What was received, in the order in which it was taken over. Nothing here is ever changed.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- A boot of a gateway: half of a batch's name.
CREATE TABLE origins (
    id INTEGER PRIMARY KEY,
    gateway TEXT NOT NULL,
    boot TEXT NOT NULL,
    UNIQUE (gateway, boot)
);

-- `body` of a batch is the payload as received; of any other kind it is its line of the read log.
-- `place_ms` is where the batch's zero was put in time (Unix ms), NULL where nothing says it.
CREATE TABLE journal (
    pos INTEGER PRIMARY KEY,
    rx REAL NOT NULL,
    kind TEXT NOT NULL,
    origin INTEGER REFERENCES origins (id),
    seq INTEGER,
    place_ms INTEGER,
    body BLOB NOT NULL
);
-- A name is taken once: the last line of defence of "none counts twice".
CREATE UNIQUE INDEX journal_names ON journal (origin, seq) WHERE origin IS NOT NULL;

-- What could not be understood, whole ("batch") or in part ("read", "lost", "base").
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    rx REAL NOT NULL,
    part TEXT NOT NULL,
    reason TEXT NOT NULL,
    topic TEXT NOT NULL,
    origin INTEGER REFERENCES origins (id),
    seq INTEGER,
    payload BLOB NOT NULL
);
CREATE INDEX quarantine_names ON quarantine (origin, seq) WHERE origin IS NOT NULL;

-- The books of loss, and what places a boot's batches in time.
CREATE TABLE boots (
    boot TEXT PRIMARY KEY,
    first_seq INTEGER,
    base INTEGER NOT NULL,
    offset_ms INTEGER,
    ended_by TEXT
) WITHOUT ROWID;

CREATE TABLE told_lost (
    boot TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    reads INTEGER NOT NULL,
    PRIMARY KEY (boot, first, last)
) WITHOUT ROWID;

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counters VALUES
    ('batches', 0), ('repeats', 0), ('quarantined', 0), ('reads', 0), ('sum_n', 0),
    ('ledger_pos', 0);

-- Rows that another process hands to the agent: the agent moves them into the journal. An id is
-- never used again, so that the agent knows what it has taken already.
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body BLOB NOT NULL
);
