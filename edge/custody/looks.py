"""The log of looks at names: append only, each row chained to the one before by its hash."""

import hashlib
import json
import sqlite3

import msgspec


class Look(msgspec.Struct, frozen=True):
    """Somebody looked at a holder's name; `at` Unix seconds."""

    number: int
    at: float
    account: str
    holder: str
    reason: str


def add_look(
    connection: sqlite3.Connection, at: float, account: str, holder: str, reason: str
) -> Look:
    """Write a look; the caller commits it, before the name is told."""
    number, before = _newest(connection)
    look = Look(number + 1, float(at), account, holder, reason)
    connection.execute(
        "INSERT INTO looks VALUES (?,?,?,?,?,?)",
        (*msgspec.structs.astuple(look), _hash(look, before)),
    )
    connection.execute("UPDATE looks_begin SET newest = ?", (look.number,))
    return look


def newest_looks(connection: sqlite3.Connection, offset: int, limit: int) -> list[Look]:
    """Looks, the newest first."""
    query = (
        "SELECT number, at, account, holder, reason FROM looks"
        " ORDER BY number DESC LIMIT ? OFFSET ?"
    )
    return [Look(*row) for row in connection.execute(query, (limit, offset))]


def first_break(connection: sqlite3.Connection) -> str | None:
    """Check the whole chain; None when it holds, else a sentence on where it first does not."""
    number, before, newest = connection.execute(
        "SELECT number, hash, newest FROM looks_begin"
    ).fetchone()
    query = "SELECT number, at, account, holder, reason, hash FROM looks ORDER BY number"
    for *fields, kept in connection.execute(query):
        look = Look(*fields)
        if look.number != number + 1:
            return f"look {number + 1} is missing"
        if kept != _hash(look, before):
            return f"look {look.number} is not as it was written"
        number, before = look.number, kept
    return None if number == newest else f"looks {number + 1} to {newest} are missing"


def forget_looks(connection: sqlite3.Connection, before: float, at_most: int = 1000) -> int:
    """Let the looks go that are older than `before`, from the oldest on; the chain still holds."""
    gone = 0
    query = "SELECT number, at, hash FROM looks ORDER BY number LIMIT ?"
    for number, at, kept in connection.execute(query, (at_most,)).fetchall():
        if at >= before:
            break
        connection.execute("UPDATE looks_begin SET number = ?, hash = ?", (number, kept))
        connection.execute("DELETE FROM looks WHERE number = ?", (number,))
        gone += 1
    return gone


def _newest(connection: sqlite3.Connection) -> tuple[int, str]:
    query = (
        "SELECT number, hash FROM looks UNION ALL SELECT number, hash FROM looks_begin"
        " ORDER BY number DESC LIMIT 1"
    )
    number, kept = connection.execute(query).fetchone()
    return number, kept


def _hash(look: Look, before: str) -> str:
    fields = json.dumps(msgspec.structs.astuple(look), separators=(",", ":"))
    return hashlib.sha256(f"{before}{fields}".encode()).hexdigest()
