"""What is older than the settings say goes: reads, whereabouts, who had what, who looked.

A connection of its own does it, some rows at a time, so that the writer never waits long. Deleted
content is overwritten (`secure_delete`). Never gone: the newest word on each device, the school
file, device records and the other rows of the journal that the engine needs to begin again, names
of batches (as ranges), and open loans and alerts.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from edge.agent.journal.blocks import NameRange
from edge.agent.journal.packing import forget_packed, remember_names
from edge.agent.process.in_thread import in_thread
from edge.agent.storage.database import DatabaseError
from edge.contracts.settings import RetentionSettings
from edge.custody.looks import forget_looks
from edge.custody.store import connected

log = structlog.get_logger()

FIRST_S = 60.0  # after a start: let it find its feet
EVERY_S = 6 * 3600.0
AT_ONCE = 2000  # rows in one transaction: some 20 ms of an SD card
DAY_S = 86_400.0


class Purged(msgspec.Struct, frozen=True):
    """How much went."""

    journal: int = 0
    antenna_hours: int = 0
    quarantine: int = 0
    events: int = 0
    stays: int = 0
    alerts: int = 0
    set_aside: int = 0
    starts: int = 0
    loans: int = 0
    holders: int = 0
    looks: int = 0
    school_saved: int = 0


async def keep_retention(
    database: Path,
    settings: RetentionSettings,
    now: Callable[[], float],
    trusted: Callable[[], bool],
) -> None:
    """Purge now and then, for as long as the agent runs, while its clock is to be believed."""
    await asyncio.sleep(FIRST_S)
    while True:
        if trusted():
            try:
                purged = await in_thread(lambda: purge(database, settings, now()), "purge")
            except (
                DatabaseError,
                sqlite3.Error,
            ) as error:  # locked, or the disk is full: the next time does it
                log.warning("old data not deleted", reason=str(error))
            else:
                log.info("old data deleted", **msgspec.structs.asdict(purged))
        await asyncio.sleep(EVERY_S)


def purge(database: Path, settings: RetentionSettings, now: float) -> Purged:
    """Delete what is over its time. May be broken off at any moment and called again.

    Raises:
        DatabaseError, sqlite3.Error: it cannot be written now; what went is gone.
    """
    reads = now - settings.reads_days * DAY_S
    places = now - settings.places_days * DAY_S
    holders = now - settings.holders_days * DAY_S
    logs = now - settings.logs_days * DAY_S
    with connected(database) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        return Purged(
            journal=_repeat(connection, lambda: _forget_batches(connection, reads))
            + _repeat(connection, lambda: forget_packed(connection, reads)),
            antenna_hours=_delete(
                connection,
                "antenna_hours",
                "(hour, gateway, antenna)",
                "hour < ?",
                reads / 3600,
            ),
            quarantine=_repeat(connection, lambda: _forget_quarantined(connection, reads)),
            events=_delete(connection, "events", "(pos, count)", "decided < ?", places),
            stays=_delete(connection, "stays", "(epc, t)", _OLD_STAY, places),
            alerts=_delete(connection, "alerts", "id", _OLD_ALERT, places)
            + _delete(connection, "acknowledged", "alert", _NO_ALERT)
            + _delete(connection, "notices", "alert", _NO_ALERT),
            set_aside=_delete(connection, "set_aside", "pos", "at < ?", places),
            starts=_delete(connection, "starts", "(gateway, boot, hw)", "at < ?", places),
            loans=_repeat(connection, lambda: _forget_who_had(connection, holders))
            + _delete(connection, "loans", "id", "returned < ?", min(places, holders)),
            holders=_repeat(connection, lambda: _forget_holders(connection, holders)),
            looks=_repeat(connection, lambda: forget_looks(connection, logs, AT_ONCE)),
            school_saved=_delete(connection, "school_saved", "(hash, at)", "at < ?", logs),
        )


_OLD_STAY = "t < ? AND t < (SELECT max(t) FROM stays AS newer WHERE newer.epc = stays.epc)"
_OLD_ALERT = "decided < ? AND (closed_at IS NOT NULL OR retracted = 1)"
_NO_ALERT = "alert NOT IN (SELECT id FROM alerts)"

# What the ledger has worked through, but for the newest row: positions go on from there.
_OLD_BATCHES = """
SELECT pos, origin, seq FROM journal WHERE rx < ? AND kind IN ('batch', 'time')
AND pos <= (SELECT value FROM counters WHERE name = 'ledger_pos')
AND pos < (SELECT max(pos) FROM journal) ORDER BY pos LIMIT ?
"""
_OLD_QUARANTINED = "SELECT id, origin, seq FROM quarantine WHERE rx < ? ORDER BY id LIMIT ?"


def _forget_batches(connection: sqlite3.Connection, before: float) -> int:
    rows = connection.execute(_OLD_BATCHES, (before, AT_ONCE)).fetchall()
    remember_names(connection, _names(rows))
    connection.executemany("DELETE FROM journal WHERE pos = ?", [(row[0],) for row in rows])
    return len(rows)


def _forget_quarantined(connection: sqlite3.Connection, before: float) -> int:
    rows = connection.execute(_OLD_QUARANTINED, (before, AT_ONCE)).fetchall()
    remember_names(connection, _names(rows))
    connection.executemany("DELETE FROM quarantine WHERE id = ?", [(row[0],) for row in rows])
    return len(rows)


def _names(rows: list[tuple[int, int | None, int | None]]) -> list[NameRange]:
    found = [(origin, seq) for _, origin, seq in rows if origin is not None and seq is not None]
    return [NameRange(origin, seq, seq, 0.0) for origin, seq in found]


def _forget_who_had(connection: sqlite3.Connection, before: float) -> int:
    chosen = "SELECT id FROM loans WHERE returned < ? AND holder IS NOT NULL LIMIT ?"
    statement = f"UPDATE loans SET holder = NULL WHERE id IN ({chosen})"
    return connection.execute(statement, (before, AT_ONCE)).rowcount


def _forget_holders(connection: sqlite3.Connection, before: float) -> int:
    query = (
        "SELECT id FROM holders WHERE made < ? AND id NOT IN"
        " (SELECT holder FROM loans WHERE holder IS NOT NULL) LIMIT ?"
    )
    gone = connection.execute(query, (before, AT_ONCE)).fetchall()
    connection.executemany("DELETE FROM holder_names WHERE holder = ?", gone)
    connection.executemany("DELETE FROM holders WHERE id = ?", gone)
    return len(gone)


def _delete(
    connection: sqlite3.Connection, table: str, key: str, where: str, *values: float
) -> int:
    columns = key.strip("()")
    chosen = f"SELECT {columns} FROM {table} WHERE {where} LIMIT {AT_ONCE}"
    statement = f"DELETE FROM {table} WHERE {key} IN ({chosen})"
    return _repeat(connection, lambda: connection.execute(statement, values).rowcount)


def _repeat(connection: sqlite3.Connection, step: Callable[[], int]) -> int:
    """Do a step, a transaction each, until it finds nothing more; return how much it found."""
    total = 0
    while True:
        connection.execute("BEGIN IMMEDIATE")
        try:
            found = step()
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        total += found
        if not found:
            return total
