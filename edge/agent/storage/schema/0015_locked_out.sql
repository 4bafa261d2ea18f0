-- Names and addresses with so many wrong passwords of late that they have to wait, so that it does
-- not help to restart the agent. `last` is Unix seconds; after an hour without a try it is forgotten.
CREATE TABLE locked_out (
    kind TEXT NOT NULL,              -- "account" or "address"
    who TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last REAL NOT NULL,
    PRIMARY KEY (kind, who)
) WITHOUT ROWID;
