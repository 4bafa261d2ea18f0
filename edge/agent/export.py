"""The journal as a read log and the ledger's events as JSON lines, while the agent runs or not."""

from pathlib import Path
from typing import BinaryIO

import structlog

from edge.agent.intake.rows import StoredRow, expand_stored
from edge.agent.journal.store import last_position, read_journal
from edge.agent.ledger.set_aside import reason_of
from edge.agent.storage.database import open_reader
from edge.contracts.readlog import Row, encode_row

log = structlog.get_logger()

EVENTS_AT_ONCE = 5000


async def export_reads(database: Path, out: BinaryIO) -> int:
    """Write the whole journal, as it is now, as a read log; return how many lines."""
    connection = await open_reader(database)
    lines = 0
    try:
        async for part in read_journal(connection, 0, await last_position(connection)):
            rows = [row for stored in part for row in _expanded(stored)]
            out.writelines(encode_row(row) + b"\n" for row in rows)
            lines += len(rows)
    finally:
        await connection.close()
    return lines


async def export_events(database: Path, out: BinaryIO) -> int:
    """Write the ledger's events in the order in which they were said; return how many."""
    connection = await open_reader(database)
    lines = 0
    try:
        query = "SELECT body FROM events ORDER BY pos, count"
        async with connection.execute(query) as cursor:
            while rows := await cursor.fetchmany(EVENTS_AT_ONCE):
                found = [bytes(row[0]) + b"\n" for row in rows]
                out.writelines(found)
                lines += len(found)
    finally:
        await connection.close()
    return lines


def _expanded(stored: StoredRow) -> list[Row]:
    """The rows of the read log; none where the agent set the row aside too."""
    try:
        return expand_stored(stored)
    except Exception as error:  # noqa: BLE001 - told, and the rest is written
        log.error("row left out", pos=stored.pos, kind=stored.kind, reason=reason_of(error))
        return []
