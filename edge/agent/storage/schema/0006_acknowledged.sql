-- Who has seen to an alert. Not worked out from the journal: people say it.
CREATE TABLE acknowledged (
    alert TEXT PRIMARY KEY,
    at REAL NOT NULL,
    account TEXT,
    note TEXT NOT NULL
) WITHOUT ROWID;
