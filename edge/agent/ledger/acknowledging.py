"""Writes down who has seen to alerts, by a connection of its own: seldom, and little."""

from collections.abc import Sequence
from pathlib import Path

from edge.agent.storage.database import OTHERS_WAIT_S, open_writer

NOTE_AT_MOST = 500  # characters


async def acknowledge(
    database: Path, alerts: Sequence[str], account: str | None, note: str, now: float
) -> bool:
    """Note it on all of them; `account` is None for this machine. A second note replaces the first.

    False: one of them is not there, and none was noted.
    """
    said = (now, account, note.strip()[:NOTE_AT_MOST])
    connection = await open_writer(database, OTHERS_WAIT_S)
    try:
        await connection.execute("BEGIN IMMEDIATE")
        for alert in alerts:
            done = await connection.execute(
                "INSERT INTO acknowledged (alert, at, account, note)"
                " SELECT id, ?, ?, ? FROM alerts WHERE id = ?"
                " ON CONFLICT (alert) DO UPDATE"
                " SET at = excluded.at, account = excluded.account, note = excluded.note",
                (*said, alert),
            )
            if done.rowcount != 1:
                await connection.rollback()
                return False
        await connection.commit()
        return True
    finally:
        await connection.close()
