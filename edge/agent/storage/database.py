"""The database file: opened, checked, and brought to the newest schema, all or nothing.

One connection writes, owned by the agent; whoever reads has a connection of `mode=ro`.
"""

import asyncio
import secrets
import shutil
import sqlite3
from importlib import resources
from pathlib import Path
from urllib.parse import quote

import aiosqlite

FILE_NAME = "rollcall.db"

# A commit holds two or three batches of some 600 bytes, and writes whole pages: with SQLite's 4 KiB
# two thirds more goes to the card (`benchmarks.wear`). Only a new database gets them.
PAGE_BYTES = 1024

# In WAL a writer waits for no reader, only for another writer (`import`). The agent tries again
# by itself, and must be able to stop within 3 s; others have the time.
AGENT_WAITS_S = 1.0
OTHERS_WAIT_S = 10.0


class DatabaseError(Exception):
    """The database cannot be used; the text says why and what to do."""


def migrations() -> list[tuple[int, str]]:
    """Return the numbered migrations: number and SQL, in order."""
    folder = resources.files("edge.agent.storage") / "schema"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return sorted((int(entry.name[:4]), entry.read_text(encoding="utf-8")) for entry in found)


def prepare(path: Path) -> None:
    """Create the database or bring it to the newest schema, before it is opened.

    Raises:
        DatabaseError: it is damaged, newer than this program, or a migration failed (then it is
            as it was, and the copy made before stands beside it).
    """
    for step in (_check, _migrate):  # a check leaves a lock behind that only closing gives up
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=OTHERS_WAIT_S, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise DatabaseError(f"{path}: cannot be opened: {error}") from error
        try:
            step(connection, path)
        except sqlite3.Error as error:
            raise DatabaseError(f"{path}: {error}") from error
        finally:
            connection.close()


async def open_writer(path: Path, wait_s: float = AGENT_WAITS_S) -> aiosqlite.Connection:
    """Open the one connection that writes. `synchronous=FULL`: a commit is on the disk."""
    connection = await aiosqlite.connect(path, timeout=wait_s, isolation_level=None)
    await connection.execute("PRAGMA synchronous=FULL")
    await connection.execute("PRAGMA foreign_keys=ON")
    return connection


async def open_reader(path: Path) -> aiosqlite.Connection:
    """Open a connection that cannot write.

    Raises:
        DatabaseError: there is none yet, or it cannot be read.
    """
    uri = f"file:{quote(str(path))}?mode=ro"
    if not await asyncio.to_thread(path.exists):
        raise DatabaseError(f"{path}: no database yet; start the agent once to make it")
    try:
        connection = await aiosqlite.connect(uri, uri=True, timeout=OTHERS_WAIT_S)
    except sqlite3.Error as error:
        raise DatabaseError(f"{path}: cannot be read: {error}") from error
    await connection.execute("PRAGMA query_only=ON")
    return connection


async def database_id(connection: aiosqlite.Connection) -> str:
    """Return the id that this database was given when it was made."""
    async with connection.execute("SELECT value FROM meta WHERE name = 'id'") as cursor:
        row = await cursor.fetchone()
    if row is None:
        raise DatabaseError("the database has no id; restore a backup")
    return str(row[0])


def _check(connection: sqlite3.Connection, path: Path) -> None:
    try:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        raise DatabaseError(
            f"{path}: is damaged ({error}); move it away and restore a backup"
        ) from error
    if verdict != "ok":
        raise DatabaseError(f"{path}: is damaged ({verdict}); move it away and restore a backup")


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    steps = migrations()
    newest = steps[-1][0]
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > newest:
        raise DatabaseError(
            f"{path}: was written by a newer rollcall (schema {version}; this one knows {newest});"
            " upgrade rollcall or restore a backup"
        )
    connection.execute(f"PRAGMA page_size={PAGE_BYTES}")  # of a file that is still empty
    connection.execute("PRAGMA journal_mode=WAL")
    if version == newest:
        return
    if version:
        _copy_before(connection, path, version)
    todo = [sql for number, sql in steps if number > version]
    script = ["BEGIN IMMEDIATE;", *todo, f"PRAGMA user_version={newest};"]
    if not version:
        script.append(f"INSERT INTO meta VALUES ('id', '{secrets.token_hex(16)}');")
    try:
        connection.executescript("\n".join([*script, "COMMIT;"]))
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise DatabaseError(f"{path}: could not be brought up to date: {error}") from error


def _copy_before(connection: sqlite3.Connection, path: Path, version: int) -> None:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = path.with_name(f"{path.stem}.before-{version}.db")
    try:
        shutil.copyfile(path, copy)
    except OSError as error:
        raise DatabaseError(f"{copy}: cannot copy before upgrading: {error.strerror}") from error
