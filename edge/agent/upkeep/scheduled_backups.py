"""Backups by themselves: one when the newest is old enough, and the oldest of them go.

A copy is made in a thread of its own that nobody waits for at a stop: what it leaves half done
bears another name (`.part`) and is removed by the next.
"""

import asyncio
import datetime
import sqlite3
from collections.abc import Callable
from pathlib import Path

import structlog

from edge.agent.process.in_thread import in_thread
from edge.agent.storage.database import DatabaseError
from edge.agent.upkeep.backup import Backup, back_up
from edge.contracts.settings import BackupSettings

log = structlog.get_logger()

FIRST_S = 120.0  # after a start: let it find its feet
LOOK_EVERY_S = 600.0
HOUR_S = 3600.0
BY_ITSELF = "rollcall-auto-"  # a backup of another name was made by a person, and stays


async def keep_backups(
    database: Path,
    folder: Path,
    settings: BackupSettings,
    now: Callable[[], float],
    trusted: Callable[[], bool],
) -> None:
    """Make backups for as long as the agent runs, while its clock is to be believed."""
    await asyncio.sleep(FIRST_S)
    while True:
        if settings.every_hours and trusted() and is_due(folder, settings, now()):
            try:
                made = await in_thread(lambda: make(database, folder, settings, now()), "backup")
            except (DatabaseError, sqlite3.Error, OSError) as error:  # no room: tried again soon
                log.error("no backup made", reason=str(error))
            else:
                log.info("backup made", file=str(made.file), bytes=made.size)
        await asyncio.sleep(LOOK_EVERY_S)


def is_due(folder: Path, settings: BackupSettings, now: float) -> bool:
    """Whether the newest backup that was made by itself is old enough, or from the future."""
    kept = _kept(folder)
    if not kept:
        return True
    age_s = now - kept[-1].stat().st_mtime
    return not 0 <= age_s < settings.every_hours * HOUR_S


def make(database: Path, folder: Path, settings: BackupSettings, now: float) -> Backup:
    """Make one, and then remove what is more than is to be kept.

    Raises:
        DatabaseError, sqlite3.Error, OSError: none was made, or an old one stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for half in folder.glob(f"{BY_ITSELF}*.part"):
        half.unlink()
    at = datetime.datetime.fromtimestamp(now, datetime.UTC)
    made = back_up(database, folder / f"{BY_ITSELF}{at:%Y%m%dT%H%M%SZ}.db", lambda _: None)
    for old in _kept(folder)[: -settings.keep]:
        old.unlink()
    return made


def _kept(folder: Path) -> list[Path]:
    """Those made by themselves, the oldest first: their names hold their time."""
    return sorted(folder.glob(f"{BY_ITSELF}*.db"))
