"""Rows that other processes leave in the database for the journal (`rollcall import`)."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import aiosqlite
import structlog

from edge.agent.intake.queue import MAX_FACTS, Fact, Intake
from edge.agent.journal.store import read_inbox
from edge.agent.storage.database import OTHERS_WAIT_S, DatabaseError, open_writer, prepare
from edge.contracts.readlog import BadLine, Row, decode_row, encode_row

log = structlog.get_logger()

LOOK_EVERY_S = 0.5
AT_ONCE = MAX_FACTS // 2  # leaves room for what gateways say of themselves


async def leave(path: Path, rows: Sequence[Row]) -> None:
    """Leave rows for the agent that owns this database, all or none; it need not run now.

    Raises:
        DatabaseError: the database cannot be used or stays locked; nothing was left.
    """
    await asyncio.to_thread(prepare, path)
    connection = await open_writer(path, OTHERS_WAIT_S)
    try:
        await connection.execute("BEGIN IMMEDIATE")
        await connection.executemany(
            "INSERT INTO inbox (body) VALUES (?)", [(encode_row(row),) for row in rows]
        )
        await connection.commit()
    except sqlite3.OperationalError as error:
        raise DatabaseError(f"{path}: cannot be written: {error}; try again later") from error
    finally:
        await connection.close()


async def empty_inbox(connection: aiosqlite.Connection, intake: Intake) -> None:
    """Hand what lies in the inbox to the intake, in order; the commit removes it."""
    offered = 0
    while True:
        for number, body in await read_inbox(connection, offered, AT_ONCE):
            row = _row(number, body)
            if row is not None and not intake.offer_fact(Fact(row, inbox=number)):
                break  # no room now; the next look begins here
            offered = number
        await asyncio.sleep(LOOK_EVERY_S)


def _row(number: int, body: bytes) -> Row | None:
    try:
        return decode_row(body, number)
    except BadLine as error:
        log.error("inbox row not understood; left where it is", reason=str(error))
        return None
