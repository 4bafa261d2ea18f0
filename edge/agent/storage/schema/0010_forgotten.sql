-- Names of batches whose time of keeping is over: one that comes again is still a repeat.
CREATE TABLE forgotten (
    origin INTEGER NOT NULL REFERENCES origins (id),
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (origin, first)
) WITHOUT ROWID;
