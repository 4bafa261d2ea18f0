-- What the journal means. Everything here can be worked out again from the journal.

CREATE TABLE events (
    pos INTEGER NOT NULL,
    count INTEGER NOT NULL,
    t REAL NOT NULL,
    decided REAL NOT NULL,
    kind TEXT NOT NULL,
    epc TEXT,
    retracted INTEGER NOT NULL DEFAULT 0,
    body BLOB NOT NULL,
    PRIMARY KEY (pos, count)
) WITHOUT ROWID;
CREATE INDEX events_epc ON events (epc, kind, t) WHERE epc IS NOT NULL;

-- Where a device was from `t` on; the newest stay is in `whereabouts` too.
CREATE TABLE stays (
    epc TEXT NOT NULL,
    t REAL NOT NULL,
    room TEXT,
    confidence REAL NOT NULL,
    PRIMARY KEY (epc, t)
) WITHOUT ROWID;

CREATE TABLE whereabouts (
    epc TEXT PRIMARY KEY,
    room TEXT,
    since REAL NOT NULL,
    confidence REAL NOT NULL
) WITHOUT ROWID;

-- The last word on whether a device lies in a cart; `cart` is NULL once it was taken out.
CREATE TABLE presence (
    epc TEXT PRIMARY KEY,
    cart TEXT,
    since REAL NOT NULL,
    confidence REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX presence_cart ON presence (cart) WHERE cart IS NOT NULL;

-- `id` of the engine's alerts is their event's id; the agent's own begin with "agent.".
CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    t REAL NOT NULL,
    decided REAL NOT NULL,
    rule TEXT NOT NULL,
    late INTEGER NOT NULL,
    epc TEXT,
    doorway TEXT,
    gateway TEXT,
    why TEXT NOT NULL,
    closed_at REAL,
    reason TEXT,
    retracted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX alerts_time ON alerts (decided);
CREATE INDEX alerts_open ON alerts (decided) WHERE closed_at IS NULL AND retracted = 0;

-- Device records, and (`recorded` = 0) the school's tags that were seen without one.
CREATE TABLE devices (
    epc TEXT PRIMARY KEY,
    recorded INTEGER NOT NULL,
    asset_tag TEXT,
    serial TEXT,
    model TEXT,
    home TEXT,
    cart TEXT,
    number TEXT
) WITHOUT ROWID;
-- The order of lists: records first, by cart, then by number as people count (2 before 10).
CREATE INDEX devices_order ON devices (recorded DESC, cart, length(number), number, epc);

CREATE TABLE observed (
    epc TEXT PRIMARY KEY,
    t REAL NOT NULL,
    gateway TEXT NOT NULL,
    antenna INTEGER NOT NULL
) WITHOUT ROWID;

-- Each start that a gateway announced: which board, and why it started. An unclean end of the boot
-- before shows in `reset`; two boards under one id are a mistake in the installation.
CREATE TABLE starts (
    gateway TEXT NOT NULL,
    boot TEXT NOT NULL,
    hw TEXT NOT NULL,
    reset TEXT,
    firmware TEXT,
    at REAL NOT NULL,
    PRIMARY KEY (gateway, boot, hw)
) WITHOUT ROWID;
