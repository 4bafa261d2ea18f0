"""Writes down who has seen to an alert, by a connection of its own: seldom, and little."""

from pathlib import Path

from edge.agent.database import OTHERS_WAIT_S, open_writer

NOTE_AT_MOST = 500  # characters


async def acknowledge(
    database: Path, alert: str, account: str | None, note: str, now: float
) -> bool:
    """Note it; `account` is None for this machine. A second note replaces the first.

    False: there is no such alert.
    """
    connection = await open_writer(database, OTHERS_WAIT_S)
    try:
        done = await connection.execute(
            "INSERT INTO acknowledged (alert, at, account, note)"
            " SELECT id, ?, ?, ? FROM alerts WHERE id = ?"
            " ON CONFLICT (alert) DO UPDATE"
            " SET at = excluded.at, account = excluded.account, note = excluded.note",
            (now, account, note.strip()[:NOTE_AT_MOST], alert),
        )
        return done.rowcount == 1
    finally:
        await connection.close()
