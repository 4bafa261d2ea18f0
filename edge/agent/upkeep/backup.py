"""A copy of the database that can be relied on, and putting one back.

A backup is one file: the journal holds the school file, the devices and all else that the agent
learnt, so nothing but the settings stands beside it. It is taken while the agent runs, shows one
moment, and counts as made only once it was opened and checked.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import msgspec

from edge.agent.snapshot.snapshots import FILE_NAME as SNAPSHOT_NAME
from edge.agent.storage.database import FILE_NAME, DatabaseError, migrations
from edge.agent.storage.lock import data_folder_lock

PAGES_AT_ONCE = 2048  # between two steps of the progress
WAIT_S = 10.0

Progress = Callable[[float], None]


class Backup(msgspec.Struct, frozen=True):
    """What a backup holds: `newest` is its newest batch's arrival, Unix s (None: it has none)."""

    file: Path
    database: str
    schema: int
    batches: int
    events: int
    newest: float | None
    size: int


def back_up(database: Path, out: Path, progress: Progress) -> Backup:
    """Copy a database that may be in use to `out`; `progress` is told the share that is done.

    What stood at `out` stays until the copy has been checked.

    Raises:
        DatabaseError: there is none, it cannot be copied, or the copy is not whole.
    """
    if not database.exists():
        raise DatabaseError(f"{database}: no database yet; start the agent once to make it")
    part = out.with_name(out.name + ".part")
    try:
        _copy(database, part, progress)
        found = inspect(part)
        _sync(part)
        part.replace(out)
        _sync(out.parent)
    except OSError as error:
        raise DatabaseError(f"{out}: {error.strerror}; name a place that can be written") from error
    finally:
        part.unlink(missing_ok=True)
    return msgspec.structs.replace(found, file=out)


def inspect(file: Path) -> Backup:
    """Open a backup, check all of it, and say what it holds.

    Raises:
        DatabaseError: it is not there, damaged, not a database of Rollcall, or a newer one's.
    """
    if not file.is_file():
        raise DatabaseError(f"{file}: there is no such file; name a backup")
    try:
        with closing(_open(file)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                raise DatabaseError(f"{file}: is damaged ({verdict}); take another backup")
            return _held(connection, file)
    except sqlite3.Error as error:
        raise DatabaseError(
            f"{file}: is no backup of rollcall, or damaged ({error}); take another"
        ) from error


def restore(backup: Path, folder: Path, progress: Progress) -> tuple[Backup, Path | None]:
    """Put a backup in the place of a folder's database; return it and where the old one went.

    What the gateways still hold comes again by itself; what they delivered after the backup was
    made is counted as lost, since their `base` says that it will not come again.

    Raises:
        AlreadyRunning: an agent uses the folder.
        DatabaseError: the backup is not good, or the folder cannot be written. All is as it was.
    """
    found = inspect(backup)
    database = folder / FILE_NAME
    with data_folder_lock(folder):
        part = database.with_name(database.name + ".part")
        try:
            _copy(backup, part, progress)
            _sync(part)
            aside = _put_aside(database)
            part.replace(database)
            (folder / SNAPSHOT_NAME).unlink(missing_ok=True)  # of a journal that is no more
            _sync(folder)
        except OSError as error:
            raise DatabaseError(f"{folder}: cannot restore there: {error.strerror}") from error
        finally:
            part.unlink(missing_ok=True)
    return found, aside


def _copy(source: Path, target: Path, progress: Progress) -> None:
    target.unlink(missing_ok=True)
    try:
        with closing(_open(source)) as read, closing(sqlite3.connect(target)) as write:
            # One read transaction over all steps: a WAL then shows one moment, however much the
            # agent writes meanwhile. Without it each of its commits would start the copy anew.
            read.execute("BEGIN")
            read.execute("SELECT value FROM meta").fetchone()
            read.backup(
                write,
                pages=PAGES_AT_ONCE,
                progress=lambda _, left, whole: progress(1 - left / max(whole, 1)),
            )
            write.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    except sqlite3.Error as error:
        raise DatabaseError(f"{source}: cannot be copied to {target}: {error}") from error


def _held(connection: sqlite3.Connection, file: Path) -> Backup:
    newest = migrations()[-1][0]
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    if schema > newest:
        raise DatabaseError(
            f"{file}: was written by a newer rollcall (schema {schema}; this one knows {newest});"
            " upgrade rollcall first"
        )
    (database,) = connection.execute("SELECT value FROM meta WHERE name = 'id'").fetchone()
    (batches,) = connection.execute("SELECT value FROM counters WHERE name = 'batches'").fetchone()
    (events,) = connection.execute("SELECT count(*) FROM events").fetchone()
    (rx,) = connection.execute(
        "SELECT (SELECT rx FROM journal WHERE kind = 'batch' ORDER BY pos DESC LIMIT 1)"
    ).fetchone()
    return Backup(file, database, schema, batches, events, rx, file.stat().st_size)


def _put_aside(database: Path) -> Path | None:
    """Move a database, with what its WAL holds, out of the way; return its new name."""
    if not database.exists():
        return None
    with closing(sqlite3.connect(database, timeout=WAIT_S)) as connection:
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.DatabaseError:
            pass  # damaged: it is kept as it is, which may be why one restores
    aside = database.with_name(f"{database.stem}.before-restore-{int(time.time())}.db")
    database.replace(aside)
    for ending in ("-wal", "-shm"):
        beside = database.with_name(database.name + ending)
        if beside.exists():
            beside.replace(aside.with_name(aside.name + ending))
    return aside


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(file))}?mode=ro", uri=True, timeout=WAIT_S, isolation_level=None
    )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
