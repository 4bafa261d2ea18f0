-- Who saved which school file from the page; `hash` is the SHA-256 of its text. The versions
-- themselves are rows of the journal, whoever made them.
CREATE TABLE school_saved (
    hash TEXT NOT NULL,
    at REAL NOT NULL,
    account TEXT,
    PRIMARY KEY (hash, at)
) WITHOUT ROWID;
CREATE INDEX journal_schools ON journal (pos) WHERE kind = 'school';
