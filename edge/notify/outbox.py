"""Alerts that somebody is to be told of, as the database keeps them; the caller's transaction."""

import sqlite3

import msgspec

_SINCE = "notices_since"  # in `meta`: what was there before notices were switched on is not told


class Waiting(msgspec.Struct, frozen=True):
    """Open alerts not told yet, and how telling them went; the oldest first."""

    alerts: list[str]
    since: list[float]
    tries: int


class Untold(msgspec.Struct, frozen=True):
    """An alert that could not be told, after so many tries; `error` is what the last one said."""

    alert: str
    tries: int
    error: str


def take_up(connection: sqlite3.Connection, now: float) -> None:
    """Let alerts wait that were raised since notices were switched on, and are still open."""
    connection.execute("INSERT OR IGNORE INTO meta VALUES (?,?)", (_SINCE, repr(now)))
    connection.execute(
        "INSERT OR IGNORE INTO notices (alert, at) SELECT id, ?1 FROM alerts"
        " WHERE decided >= (SELECT CAST(value AS REAL) FROM meta WHERE name = ?2)"
        " AND closed_at IS NULL AND retracted = 0",
        (now, _SINCE),
    )
    # What closed itself before anybody was told is no news.
    connection.execute(
        "DELETE FROM notices WHERE sent IS NULL AND alert NOT IN"
        " (SELECT id FROM alerts WHERE closed_at IS NULL AND retracted = 0)"
    )


def waiting(connection: sqlite3.Connection) -> Waiting:
    """What waits."""
    query = "SELECT alert, at, tries FROM notices WHERE sent IS NULL ORDER BY at, alert"
    rows = connection.execute(query).fetchall()
    tries = max((row[2] for row in rows), default=0)
    return Waiting([row[0] for row in rows], [row[1] for row in rows], tries)


def was_sent(connection: sqlite3.Connection, alerts: list[str], now: float) -> None:
    """These were told."""
    statement = "UPDATE notices SET sent = ?, error = NULL WHERE alert = ?"
    connection.executemany(statement, [(now, alert) for alert in alerts])


def failed(connection: sqlite3.Connection, alerts: list[str], error: str) -> None:
    """These could not be told; they wait on."""
    statement = "UPDATE notices SET tries = tries + 1, error = ? WHERE alert = ?"
    connection.executemany(statement, [(error, alert) for alert in alerts])


def trouble(connection: sqlite3.Connection) -> tuple[int, str | None]:
    """How many wait after a failure, and what the last one said."""
    query = "SELECT count(*), max(error) FROM notices WHERE sent IS NULL AND error IS NOT NULL"
    count, error = connection.execute(query).fetchone()
    return int(count), error


def untold(connection: sqlite3.Connection) -> list[Untold]:
    """What failed, the oldest first."""
    query = (
        "SELECT alert, tries, coalesce(error, '') FROM notices"
        " WHERE sent IS NULL AND error IS NOT NULL ORDER BY at, alert"
    )
    return [Untold(*row) for row in connection.execute(query)]


def last_sent(connection: sqlite3.Connection) -> float | None:
    """When a notice last went out."""
    (at,) = connection.execute("SELECT max(sent) FROM notices").fetchone()
    return None if at is None else float(at)


def be_due(connection: sqlite3.Connection) -> int:
    """Let what failed count as not tried yet; how many."""
    statement = "UPDATE notices SET tries = 0 WHERE sent IS NULL AND tries > 0"
    return connection.execute(statement).rowcount
