"""Puts closed stretches of the journal into compressed blocks, in the background.

The newest rows stay as they are: what is repeated is nearly always young, and so is what pages and
snapshots ask for. A block is written and its rows are deleted in one transaction: interrupted at
any moment, each row stands in one of the two places, and a reader finds it in one of them.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import structlog

from edge.agent.journal.blocks import (
    BlockError,
    NameRange,
    PackedRow,
    names_of,
    pack_rows,
    unpack_rows,
)
from edge.agent.process.in_thread import in_thread
from edge.agent.storage.database import DatabaseError
from edge.custody.store import connected

log = structlog.get_logger()

FIRST_S = 30.0  # after a start: let it find its feet
EVERY_S = 60.0
CLOSED_AFTER_S = 3600.0
# Some 600 KB of payloads: past that a block does not get smaller (zlib looks back 32 KB), but is
# slower to look into, and the writer waits longer while it is put away.
ROWS = 1024

# What the ledger has worked through, but for the newest batch: positions and the time of the last
# batch go on from there.
_CLOSED = """
SELECT pos, rx, kind, origin, seq, place_ms, body FROM journal
WHERE pos > coalesce((SELECT max(last) FROM journal_blocks), 0) AND kind IN ('batch', 'time')
AND pos <= (SELECT value FROM counters WHERE name = 'ledger_pos')
AND pos < (SELECT pos FROM journal WHERE kind = 'batch' ORDER BY pos DESC LIMIT 1)
ORDER BY pos LIMIT ?
"""


async def keep_packed(database: Path, now: Callable[[], float]) -> None:
    """Pack for as long as the agent runs."""
    await asyncio.sleep(FIRST_S)
    while True:
        try:
            packed = await in_thread(lambda: pack(database, now()), "packing")
        except (DatabaseError, sqlite3.Error) as error:  # locked, or full: the next time does it
            log.warning("journal not packed", reason=str(error))
        else:
            if packed:
                log.info("journal packed", rows=packed)
        await asyncio.sleep(EVERY_S)


def pack(database: Path, now: float) -> int:
    """Pack all that is closed; return how many rows. May be broken off and called again.

    Raises:
        DatabaseError, sqlite3.Error: it cannot be written now; what was packed is.
    """
    total = 0
    with connected(database) as connection:
        connection.execute("PRAGMA secure_delete=ON")  # no read outlives its row on a free page
        while packed := _pack_one(connection, now - CLOSED_AFTER_S):
            total += packed
    return total


def forget_packed(connection: sqlite3.Connection, before: float) -> int:
    """Within a transaction: let go what came before a time, of one block; return how many rows.

    The names stay known. What of the block is younger goes into a block of its own.
    """
    query = "SELECT first, body FROM journal_blocks WHERE oldest < ? ORDER BY oldest LIMIT 1"
    found = connection.execute(query, (before,)).fetchone()
    if found is None:
        return 0
    first, body = found
    connection.execute("DELETE FROM journal_blocks WHERE first = ?", (first,))
    try:
        rows = unpack_rows(body)
    except BlockError as error:  # nothing of it can be told any more: it goes whole
        log.error("damaged block deleted", first=first, reason=str(error))
        return connection.execute("DELETE FROM block_names WHERE block = ?", (first,)).rowcount
    connection.executemany(
        "DELETE FROM block_names WHERE origin = ? AND first = ?",
        [(name.origin, name.first) for name in names_of(rows)],
    )
    young = [row for row in rows if row.rx >= before]
    if young:
        _write_block(connection, young, pack_rows(young))
    return len(rows) - len(young)


def remember_names(connection: sqlite3.Connection, names: Iterable[NameRange]) -> None:
    """Within a transaction: let these names stand among those that need no row of the journal."""
    for name in names:
        touching = connection.execute(
            "DELETE FROM forgotten WHERE origin = ? AND first <= ? AND last >= ?"
            " RETURNING first, last",
            (name.origin, name.last + 1, name.first - 1),
        ).fetchall()
        first = min([name.first, *(first for first, _ in touching)])
        last = max([name.last, *(last for _, last in touching)])
        connection.execute("INSERT INTO forgotten VALUES (?,?,?)", (name.origin, first, last))


def put_away(connection: sqlite3.Connection, rows: Sequence[PackedRow], body: bytes) -> None:
    """Within a transaction: write a block of these rows, its names besides; `body` holds them."""
    _write_block(connection, rows, body)
    remember_names(connection, names_of(rows))


def _pack_one(connection: sqlite3.Connection, before: float) -> int:
    """Pack one block's worth; 0 when less than that is closed."""
    rows = [PackedRow(*row) for row in connection.execute(_CLOSED, (ROWS,))]
    if len(rows) < ROWS or any(row.rx >= before for row in rows):
        return 0
    body = pack_rows(rows)  # the writer need not wait for this: a row never changes
    connection.execute("BEGIN IMMEDIATE")
    try:
        put_away(connection, rows, body)
        gone = connection.executemany(
            "DELETE FROM journal WHERE pos = ?", [(row.pos,) for row in rows]
        )
        whole = gone.rowcount == len(rows)
        connection.execute(
            "COMMIT" if whole else "ROLLBACK"
        )  # some went meanwhile: their time is over
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return len(rows) if whole else 0


def _write_block(connection: sqlite3.Connection, rows: Sequence[PackedRow], body: bytes) -> None:
    first, last = rows[0].pos, rows[-1].pos
    arrivals = [row.rx for row in rows]
    connection.execute(
        "INSERT INTO journal_blocks VALUES (?,?,?,?,?)",
        (first, last, min(arrivals), max(arrivals), body),
    )
    connection.executemany(
        "INSERT INTO block_names VALUES (?,?,?,?,?)",
        [(name.origin, name.first, name.last, first, name.newest) for name in names_of(rows)],
    )
