-- Closed stretches of the journal, compressed: `body` holds the rows (blocks.py), which no longer
-- stand in `journal`. `first` and `last` are positions, `oldest` and `newest` arrivals. Blocks do
-- not overlap; rows of other kinds may stand in `journal` between a block's own.
CREATE TABLE journal_blocks (
    first INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    oldest REAL NOT NULL,
    newest REAL NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX journal_blocks_oldest ON journal_blocks (oldest);

-- Which block holds a batch: `first` and `last` are seqs, `newest` the latest arrival of them. All
-- these names stand in `forgotten` too, whose few ranges are what a start reads.
CREATE TABLE block_names (
    origin INTEGER NOT NULL REFERENCES origins (id),
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    block INTEGER NOT NULL,
    newest REAL NOT NULL,
    PRIMARY KEY (origin, first)
) WITHOUT ROWID;
