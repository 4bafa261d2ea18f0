"""The school file as the page keeps it: read, checked, saved whole, every version to be had again.

A version is a row of the journal: the agent journals each file it accepts, also one that was
changed by hand. Who saved it from the page stands beside, in `school_saved`. A save is written
down before the file is replaced and undone where that fails; the file before stays as `.before`.
"""

import asyncio
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from edge.agent.school.school_in_force import SchoolInForce
from edge.agent.shown.views import Page
from edge.contracts.readlog import SchoolRow, decode_row
from edge.contracts.school import School
from edge.custody.store import connected
from edge.provision.private_file import write_whole


class Version(msgspec.Struct, frozen=True):
    """A school file that was in force from `at` (Unix s) on; `pos` is its journal position.

    `by_page`: it was saved from the page, by `account` (None: from this very machine). Else it was
    changed by hand, or it is not known any more.
    """

    pos: int
    at: float
    text: str
    by_page: bool
    account: str | None


class ChangedMeanwhile(Exception):
    """The file is not the one that was shown: somebody else changed it."""


class NotWritable(Exception):
    """The file cannot be replaced; the text is the system's reason."""


class SchoolBook:
    """The file at its path, and the versions in the journal of `database`. `now` gives Unix s.

    Every method that asks the database raises `DatabaseError` too.
    """

    def __init__(
        self,
        in_force: SchoolInForce,
        database: Path,
        now: Callable[[], float],
        reload: Callable[[], None],
    ) -> None:
        self._in_force = in_force
        self._database = database
        self._now = now
        self._reload = reload
        self._one_at_a_time = asyncio.Lock()

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._in_force.path

    @property
    def replaceable(self) -> bool:
        """Whether the file can be replaced, as far as can be told before it is done."""
        return os.access(self.path.resolve().parent, os.W_OK)

    def text(self) -> str:
        """Return what the file holds now; raises `SchoolError` where it cannot be read."""
        return self._in_force.on_disk()

    def is_in_force(self, text: str) -> bool:
        """Whether the agent goes by this very text."""
        return text == self._in_force.text

    def checked(self, text: str) -> School:
        """Return the school of a text; raises `SchoolError` with all that is wrong with it."""
        return self._in_force.checked(text)

    async def save(self, text: str, shown: str, account: str | None) -> None:
        """Put `text` in force in place of the file whose digest was `shown`.

        Raises:
            SchoolError: the text is wrong.
            ChangedMeanwhile: the file has another digest by now.
            NotWritable: it cannot be replaced. In each case nothing has changed.
        """
        async with self._one_at_a_time:
            await asyncio.to_thread(self._save, text, shown, account)
            self._reload()

    async def versions(self, offset: int, limit: int) -> Page[Version]:
        """Return the versions of the file, the newest first."""
        return await asyncio.to_thread(self._versions, offset, limit)

    async def version(self, pos: int) -> tuple[Version, Version | None] | None:
        """Return the version at a journal position and the one before it."""
        return await asyncio.to_thread(self._version, pos)

    def _save(self, text: str, shown: str, account: str | None) -> None:
        self.checked(text)
        before = self.text()
        if digest(before) != shown:
            raise ChangedMeanwhile
        if text == before:
            return
        with connected(self._database) as connection, _undone_if_broken_off(connection):
            saved = (digest(text), self._now(), account)
            connection.execute("INSERT OR REPLACE INTO school_saved VALUES (?,?,?)", saved)
            self._write(text)

    def _write(self, text: str) -> None:
        path = self.path.resolve()  # a link goes on leading to it
        try:
            mode = path.stat().st_mode & 0o777
            write_whole(path.with_name(f"{path.name}.before"), path.read_bytes(), mode)
            write_whole(path, text.encode(), mode)
        except OSError as error:
            raise NotWritable(error.strerror) from error

    def _versions(self, offset: int, limit: int) -> Page[Version]:
        with connected(self._database) as connection:
            (total,) = connection.execute(f"SELECT count(*) {_OF_SCHOOLS}").fetchone()
            rows = _rows(connection, "ORDER BY pos DESC LIMIT ? OFFSET ?", limit + 1, offset)
            return Page(_told(connection, rows)[:limit], total, offset, limit)

    def _version(self, pos: int) -> tuple[Version, Version | None] | None:
        with connected(self._database) as connection:
            rows = _rows(connection, "AND pos <= ? ORDER BY pos DESC LIMIT 2", pos)
            found = _told(connection, rows)
        if not found or found[0].pos != pos:
            return None
        return found[0], found[1] if len(found) > 1 else None


def digest(text: str) -> str:
    """Return what tells one text from another."""
    return hashlib.sha256(text.encode()).hexdigest()


_OF_SCHOOLS = "FROM journal WHERE kind = 'school'"


def _rows(connection: sqlite3.Connection, which: str, *values: int) -> list[tuple[int, float, str]]:
    found = []
    for pos, body in connection.execute(f"SELECT pos, body {_OF_SCHOOLS} {which}", values):
        row = decode_row(body, pos)
        if isinstance(row, SchoolRow):
            found.append((pos, row.rx, row.text))
    return found


def _told(connection: sqlite3.Connection, rows: list[tuple[int, float, str]]) -> list[Version]:
    """Say who made each of them, the newest first; the last one's maker is looked for from 0 on."""
    since = [rx for _, rx, _ in rows[1:]] + [0.0]
    query = (
        "SELECT account FROM school_saved WHERE hash = ? AND at > ? AND at <= ?"
        " ORDER BY at DESC LIMIT 1"
    )
    versions = []
    for (pos, rx, text), before in zip(rows, since, strict=True):
        saved = connection.execute(query, (digest(text), before, rx)).fetchone()
        account = saved[0] if saved else None
        versions.append(Version(pos, rx, text, by_page=saved is not None, account=account))
    return versions


@contextmanager
def _undone_if_broken_off(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
