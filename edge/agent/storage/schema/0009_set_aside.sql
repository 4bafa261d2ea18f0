-- Journal rows that could not be worked out, so that everything else can go on.
CREATE TABLE set_aside (
    pos INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL
);
