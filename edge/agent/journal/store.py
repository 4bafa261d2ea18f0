"""The journal in SQLite: one transaction for each commit, and what is read back from it."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import aiosqlite
import structlog

from edge.agent.intake.decode import Name
from edge.agent.intake.loss import Books, BootBook
from edge.agent.intake.names import Names
from edge.agent.intake.placing import BootOffset
from edge.agent.intake.ranges import Ranges
from edge.agent.intake.rows import StoredRow
from edge.agent.intake.sorting import Commit, Earlier, Sorter
from edge.agent.journal.blocks import BlockError, PackedRow, unpack_rows
from edge.contracts.topics import Topics

log = structlog.get_logger()

BLOCK = "block"  # of rows, where a row's kind stands
READ_ROWS = 1000  # rows fetched at a time when the journal is read through

_INSERT_ROW = (
    "INSERT INTO journal (pos, rx, kind, origin, seq, place_ms, body) VALUES (?,?,?,?,?,?,?)"
)
_INSERT_QUARANTINE = (
    "INSERT INTO quarantine (rx, part, reason, topic, origin, seq, payload) VALUES (?,?,?,?,?,?,?)"
)
_PUT_BOOK = (
    "INSERT OR REPLACE INTO boots (boot, first_seq, base, offset_ms, ended_by) VALUES (?,?,?,?,?)"
)
_COUNT = "UPDATE counters SET value = value + ? WHERE name = ?"

# Runs of numbers without a gap: a seq less its rank is the same all along a run.
_SEQ_RANGES = """
SELECT origin, min(seq), max(seq) FROM (
    SELECT origin, seq, seq - row_number() OVER (PARTITION BY origin ORDER BY seq) AS run FROM (
        SELECT origin, seq FROM journal WHERE origin IS NOT NULL
        UNION SELECT origin, seq FROM quarantine WHERE origin IS NOT NULL
    )
) GROUP BY origin, run ORDER BY origin, min(seq)
"""

# Rows and blocks in one statement: a row that is packed meanwhile is seen in one of the two places.
_STORED = """
SELECT pos, rx, kind, origin, seq, place_ms, body FROM journal WHERE pos > ?1 AND pos <= ?2
UNION ALL
SELECT first, newest, 'block', NULL, NULL, NULL, body FROM journal_blocks
WHERE first <= ?2 AND last > ?1
AND first >= coalesce((SELECT max(first) FROM journal_blocks WHERE first <= ?1), 0)
"""
_LAST_BATCHES = """
SELECT gateway, coalesce(
    (SELECT rx FROM journal WHERE origin = o.id ORDER BY seq DESC LIMIT 1),
    (SELECT newest FROM block_names WHERE origin = o.id ORDER BY first DESC LIMIT 1)
) FROM origins AS o ORDER BY o.id
"""
_BLOCK_OF = """
SELECT block, last FROM block_names WHERE origin = ? AND first <= ? ORDER BY first DESC LIMIT 1
"""


async def write_commit(connection: aiosqlite.Connection, commit: Commit) -> None:
    """Write all of a commit, or nothing; on return it is on the disk.

    Raises:
        sqlite3.OperationalError: the disk is full or another process holds the database; nothing
            was written, and the same commit may be tried again.
    """
    await connection.execute("BEGIN IMMEDIATE")
    try:
        await _write(connection, commit)
        await connection.commit()
    except BaseException:
        await connection.rollback()
        raise


async def load_sorter(connection: aiosqlite.Connection, topics: Topics) -> Sorter:
    """Read back what sorting needs to know: names, books and the next position."""
    origins: dict[int, tuple[str, str]] = {}
    async for number, gateway, boot in _rows(connection, "SELECT id, gateway, boot FROM origins"):
        origins[number] = (gateway, boot)
    books: dict[str, BootBook] = {}
    query = "SELECT boot, first_seq, base, offset_ms, ended_by FROM boots"
    async for boot, first_seq, base, offset_ms, ended_by in _rows(connection, query):
        books[boot] = BootBook(
            boot,
            first_seq=first_seq,
            base=base,
            offset=None if offset_ms is None else BootOffset(offset_ms),
            ended_by=ended_by,
        )
    async for boot, first, last in _rows(connection, "SELECT boot, first, last FROM told_lost"):
        books[boot].told.add(first, last)
    names: dict[tuple[str, str], Ranges] = {}
    async for number, first, last in _rows(connection, _SEQ_RANGES):
        gateway, boot = origins[number]
        names.setdefault((gateway, boot), Ranges()).add(first, last)
        if boot in books:
            books[boot].have.add(first, last)
    query = "SELECT origin, first, last FROM forgotten"
    async for number, first, last in _rows(connection, query):
        gateway, boot = origins[number]
        names.setdefault((gateway, boot), Ranges()).add(first, last)
        if boot in books:
            books[boot].have.add(first, last)
    return Sorter(
        topics,
        next_pos=await last_position(connection) + 1,
        origins={name: number for number, name in origins.items()},
        names=Names(names),
        books=Books(books.values()),
    )


async def last_position(connection: aiosqlite.Connection) -> int:
    """The journal's newest position; 0 when it is empty."""
    found = [last async for (last,) in _rows(connection, "SELECT max(pos) FROM journal")]
    return found[0] or 0


async def last_batches(connection: aiosqlite.Connection) -> dict[str, float]:
    """When the last batch of each gateway came."""
    found = _rows(connection, _LAST_BATCHES)
    return {gateway: rx async for gateway, rx in found if rx is not None}


async def earlier_contents(
    connection: aiosqlite.Connection, sorter: Sorter, names: Iterable[Name]
) -> dict[Name, Earlier]:
    """Look up what was taken over under these names before."""
    found: dict[Name, Earlier] = {}
    packed: dict[int, list[Name]] = {}
    for name in names:
        if name in found:
            continue
        key = (sorter.origin_of(name), name.seq)
        query = "SELECT body FROM journal WHERE origin = ? AND seq = ?"
        journaled = [row[0] async for row in _rows(connection, query, key)]
        query = "SELECT payload FROM quarantine WHERE origin = ? AND seq = ? AND part = 'batch'"
        quarantined = [row[0] async for row in _rows(connection, query, key)]
        body = journaled[0] if journaled else None
        found[name] = Earlier(body, quarantined, forgotten=body is None and not quarantined)
        if body is None:
            async for block, last in _rows(connection, _BLOCK_OF, key):
                if name.seq <= last:
                    packed.setdefault(block, []).append(name)
    for block, held in packed.items():
        bodies = await _bodies(connection, block)
        for name in held:
            body = bodies.get((sorter.origin_of(name), name.seq))
            if body is not None:
                found[name] = Earlier(body, found[name].quarantined)
    return found


async def arrival_at(connection: aiosqlite.Connection, pos: int) -> float | None:
    """When the row at a position came; None where there is none."""
    found = [s.rx async for part in read_journal(connection, pos - 1, pos) for s in part]
    return found[0] if found else None


async def read_journal(
    connection: aiosqlite.Connection, after: int, up_to: int
) -> AsyncIterator[list[StoredRow]]:
    """Read the journal's rows with `after` < pos <= `up_to`, in order, some at a time."""
    query = "SELECT id, gateway, boot FROM origins"
    name_of: dict[int | None, tuple[str | None, str | None]] = {None: (None, None)}
    async for number, gateway, boot in _rows(connection, query):
        name_of[number] = (gateway, boot)
    block: tuple[int, list[PackedRow]] = (0, [])
    while after < up_to:
        reach = min(after + READ_ROWS, up_to)
        rows: list[PackedRow] = []
        async for values in _rows(connection, _STORED, (after, reach)):
            row = PackedRow(*values)
            if row.kind != BLOCK:
                rows.append(row)
                continue
            if row.pos != block[0]:
                block = (row.pos, _unpacked(row))
            rows += [packed for packed in block[1] if after < packed.pos <= reach]
        rows.sort(key=lambda row: row.pos)
        yield [
            StoredRow(r.pos, r.rx, r.kind, *name_of[r.origin], r.seq, r.place_ms, r.body)
            for r in rows
        ]
        after = reach


async def read_inbox(
    connection: aiosqlite.Connection, after: int, limit: int
) -> list[tuple[int, bytes]]:
    """Rows that another process left for the journal."""
    query = "SELECT id, body FROM inbox WHERE id > ? ORDER BY id LIMIT ?"
    return [(n, body) async for n, body in _rows(connection, query, (after, limit))]


async def _write(connection: aiosqlite.Connection, commit: Commit) -> None:
    if commit.origins:
        rows = [(number, gateway, boot) for (gateway, boot), number in commit.origins.items()]
        await connection.executemany("INSERT INTO origins VALUES (?,?,?)", rows)
    if commit.journaled:
        await connection.executemany(
            _INSERT_ROW,
            [
                (j.pos, j.rx, j.kind, j.origin, j.name.seq if j.name else None, j.place_ms, j.body)
                for j in commit.journaled
            ],
        )
    if commit.quarantined:
        await connection.executemany(
            _INSERT_QUARANTINE,
            [
                (q.rx, q.part, q.reason, q.topic, q.origin, q.seq, q.payload)
                for q in commit.quarantined
            ],
        )
    if commit.books_to_write:
        await connection.executemany(
            _PUT_BOOK,
            [
                (b.boot, b.first_seq, b.base, b.offset.ms if b.offset else None, b.ended_by)
                for b in commit.books_to_write
            ],
        )
    if commit.told:
        rows_told = [(told.boot, told.first, told.last, told.reads) for told in commit.told]
        await connection.executemany("INSERT OR IGNORE INTO told_lost VALUES (?,?,?,?)", rows_told)
    if commit.inbox:
        rows_done = [(number,) for number in commit.inbox]
        await connection.executemany("DELETE FROM inbox WHERE id = ?", rows_done)
    counts = [
        (commit.batches, "batches"),
        (commit.repeats, "repeats"),
        (len(commit.quarantined), "quarantined"),
        (commit.reads, "reads"),
        (commit.sum_n, "sum_n"),
    ]
    await connection.executemany(_COUNT, [count for count in counts if count[0]])


async def _bodies(
    connection: aiosqlite.Connection, block: int
) -> dict[tuple[int | None, int | None], bytes]:
    """What the batches of a block held, by origin and seq."""
    query = "SELECT first, newest, body FROM journal_blocks WHERE first = ?"
    rows: list[PackedRow] = []  # none where its time was over just now
    async for first, newest, body in _rows(connection, query, (block,)):
        rows = _unpacked(PackedRow(first, newest, BLOCK, None, None, None, body))
    return {(row.origin, row.seq): row.body for row in rows}


def _unpacked(block: PackedRow) -> list[PackedRow]:
    """The rows of a block; of one that is damaged itself, which nobody can work out."""
    try:
        return unpack_rows(block.body)
    except BlockError as error:
        log.error("block of the journal cannot be read", first=block.pos, reason=str(error))
        return [block]


async def _rows(
    connection: aiosqlite.Connection, query: str, values: tuple[object, ...] = ()
) -> AsyncIterator[tuple[Any, ...]]:
    async with connection.execute(query, values) as cursor:
        async for row in cursor:
            yield tuple(row)
