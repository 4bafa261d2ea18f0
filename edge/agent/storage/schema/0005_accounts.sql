-- Who may sign in. Nothing of a password, session, link or token is kept but a hash.
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,           -- lower case
    role TEXT NOT NULL,
    rooms TEXT NOT NULL,             -- JSON array: a teacher's own
    password TEXT,                   -- argon2id; null while none was chosen
    disabled REAL,                   -- since when it is shut
    made REAL NOT NULL
);
CREATE TABLE sessions (
    hash BLOB PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (name),
    begun REAL NOT NULL,
    used REAL NOT NULL
);
CREATE INDEX sessions_of ON sessions (account);
CREATE TABLE invitations (           -- one-time links with which a password is chosen
    hash BLOB PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (name),
    until REAL NOT NULL
);
CREATE TABLE tokens (                -- for programs
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts (name),
    scopes TEXT NOT NULL,            -- JSON array: ["carts:read"]
    made REAL NOT NULL,
    until REAL NOT NULL
);
