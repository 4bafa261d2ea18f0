"""The database file: made, brought up to date, or refused with a clear word."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.agent.storage import database
from edge.agent.storage.database import DatabaseError, migrations, prepare


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_a_new_database_has_the_newest_schema_and_an_id_of_its_own(tmp_path: Path) -> None:
    ids = set()
    for name in ("a", "b"):
        path = tmp_path / name / "rollcall.db"
        prepare(path)
        assert version(path) == migrations()[-1][0]
        with closing(sqlite3.connect(path)) as connection:
            ids.add(connection.execute("SELECT value FROM meta WHERE name = 'id'").fetchone())
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert connection.execute("PRAGMA page_size").fetchone() == (1024,)
    assert len(ids) == 2


def test_each_migration_has_a_number_of_its_own() -> None:
    """Of two with one number a database that has the first would never get the second."""
    assert [number for number, _ in migrations()] == list(range(1, len(migrations()) + 1))


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rollcall.db"
    prepare(path)
    before = path.read_bytes()
    prepare(path)
    assert path.read_bytes() == before


def test_a_newer_database_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "rollcall.db"
    prepare(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9999")
    with pytest.raises(DatabaseError, match=r"newer rollcall.*upgrade"):
        prepare(path)


def test_a_damaged_database_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "rollcall.db"
    path.write_bytes(b"this is no database at all, but long enough to look like one" * 100)
    with pytest.raises(DatabaseError, match="restore a backup"):
        prepare(path)


def test_a_migration_that_fails_leaves_the_database_as_it_was_with_a_copy_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rollcall.db"
    prepare(path)
    newest = migrations()[-1][0]
    bad = [(newest + 1, "CREATE TABLE half (a);"), (newest + 2, "CREATE TABLE half (b);")]
    monkeypatch.setattr(database, "migrations", lambda: [*migrations(), *bad])
    with pytest.raises(DatabaseError, match="could not be brought up to date"):
        prepare(path)
    assert version(path) == newest
    with closing(sqlite3.connect(path)) as connection:
        assert not connection.execute("SELECT * FROM sqlite_master WHERE name = 'half'").fetchall()
    assert version(tmp_path / f"rollcall.before-{newest}.db") == newest


def make_old(path: Path, newest: int) -> None:
    """A database as an earlier version left it, with a row of its journal."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("".join(sql for number, sql in migrations() if number <= newest))
        connection.execute(f"PRAGMA user_version = {newest}")
        connection.execute("INSERT INTO meta VALUES ('id', 'old')")
        connection.execute("INSERT INTO origins VALUES (1, 'gw-d1', '0000001f9a3c12e4')")
        connection.execute("INSERT INTO journal VALUES (1, 5.0, 'batch', 1, 7, 4000, x'7b7d')")
        connection.commit()


def described(path: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return set(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL"))


@pytest.mark.parametrize("number", [number for number, _ in migrations()][:-1])
def test_every_older_database_is_brought_up_to_date_and_kept_as_it_was(
    number: int, tmp_path: Path
) -> None:
    path, new = tmp_path / "rollcall.db", tmp_path / "new.db"
    make_old(path, number)
    prepare(path)
    prepare(new)
    assert version(path) == version(new)
    assert described(path) == described(new)
    copy = tmp_path / f"rollcall.before-{number}.db"
    assert version(copy) == number
    for kept in (path, copy):
        with closing(sqlite3.connect(kept)) as connection:
            rows = connection.execute("SELECT value, pos, seq FROM meta, journal").fetchall()
            assert rows == [("old", 1, 7)]


def test_events_are_counted_as_they_come_and_go(tmp_path: Path) -> None:
    path = tmp_path / "rollcall.db"
    make_old(path, migrations()[-1][0] - 1)
    event = "INSERT INTO events (pos, count, t, decided, kind, body) VALUES (?,0,1,1,'x',x'')"
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(event, [(1,), (2,)])
        connection.commit()
    prepare(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(event, [(3,), (4,), (5,)])
        connection.execute("DELETE FROM events WHERE pos < 3")
        query = "SELECT value FROM counters WHERE name = 'events'"
        assert connection.execute(query).fetchone() == (3,)
