"""The device records as they stand in the database, whether the agent runs or not.

What the agent has not taken into its tables yet counts too: rows that wait in the inbox, and
rows of the journal that it has not worked through.
"""

import asyncio
import sqlite3
from pathlib import Path

import aiosqlite

from edge.agent.storage.database import DatabaseError, open_reader, prepare
from edge.agent.tags.tagging_records import Records
from edge.contracts.readlog import DeviceRow, decode_row

_RECORDED = """
SELECT epc, asset_tag, serial, model, home, cart, number, tid FROM devices WHERE recorded = 1
"""
_NOT_YET = """
SELECT 0, pos, body FROM journal WHERE kind = 'device'
    AND pos > (SELECT value FROM counters WHERE name = 'ledger_pos')
UNION ALL SELECT 1, id, body FROM inbox
ORDER BY 1, 2
"""


async def read_records(path: Path) -> Records:
    """Read all device records; none where there is no database yet.

    Raises:
        DatabaseError: it cannot be read.
    """
    if not await asyncio.to_thread(path.exists):
        return Records()
    await asyncio.to_thread(prepare, path)
    connection = await open_reader(path)
    try:
        return await _read(connection)
    except sqlite3.Error as error:
        raise DatabaseError(f"{path}: cannot be read: {error}") from error
    finally:
        await connection.close()


async def _read(connection: aiosqlite.Connection) -> Records:
    await connection.execute("BEGIN")  # one state of all three tables
    records = Records()
    async with connection.execute(_RECORDED) as cursor:
        async for epc, asset_tag, serial, model, home, cart, number, tid in cursor:
            records.take(
                DeviceRow(
                    epc=epc,
                    asset_tag=asset_tag,
                    serial=serial,
                    model=model,
                    home=home,
                    cart=cart,
                    number=number,
                    tid=tid,
                )
            )
    async with connection.execute(_NOT_YET) as cursor:
        async for _, number, body in cursor:
            row = decode_row(body, number)
            if isinstance(row, DeviceRow):
                records.take(row)
    return records
