"""The data folder: its database, its disk, and whether the clock fits what was journaled."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from edge.agent.process.clock import EARLIEST_S, SLACK_S
from edge.agent.storage.database import FILE_NAME, OTHERS_WAIT_S, DatabaseError, migrations
from edge.agent.storage.lock import AlreadyRunning, data_folder_lock
from edge.custody.looks import first_break, newest_looks
from edge.doctor.finding import Finding
from edge.notify.outbox import trouble

_BAD_FREE = 200e6  # bytes; a school day's journal is some tens of megabytes
_ODD_FREE = 2e9
_OLD_S = 3 * 86_400  # a long weekend
_FEW = 100  # in quarantine: a bad read now and then is no wonder in years


def check_agent(folder: Path) -> Finding:
    """Look whether an agent runs on the folder."""
    try:
        with data_folder_lock(folder):
            return Finding("agent", "odd", "does not run; start it with `rollcall agent`")
    except AlreadyRunning:
        return Finding("agent", "good", "runs")
    except DatabaseError as error:
        return Finding("agent", "bad", str(error))


def check_database(folder: Path, now: float) -> list[Finding]:
    """Check the database whole, and what it says of itself, while it may be in use."""
    file = folder / FILE_NAME
    if not file.exists():
        return [Finding("database", "odd", f"{file}: none yet; the agent makes it at its start")]
    uri = f"file:{quote(str(file))}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=OTHERS_WAIT_S)) as connection:
            return _found(connection, file, now)
    except sqlite3.Error as error:
        says = f"{file}: is damaged or no database ({error}); restore a backup"
        return [Finding("database", "bad", says)]


def check_log(folder: Path) -> Finding:
    """Check the chain of the log of looks at names."""
    file = folder / FILE_NAME
    subject = "log of looks"
    if not file.exists():
        return Finding(subject, "good", "empty")
    uri = f"file:{quote(str(file))}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=OTHERS_WAIT_S)) as connection:
            broken = first_break(connection)
            newest = newest_looks(connection, 0, 1)
    except sqlite3.Error as error:
        return Finding(subject, "bad", f"{file}: cannot be read: {error}")
    if broken is not None:
        says = f"{broken}: somebody changed the file; compare it with a backup"
        return Finding(subject, "bad", says)
    return Finding(subject, "good", f"whole, up to {newest[0].number if newest else 0}")


def check_disk(folder: Path) -> Finding:
    """Look how much room is left where the data is."""
    at = next(path for path in (folder, *folder.parents) if path.exists())
    left = shutil.disk_usage(at)
    says = f"{left.free / 1e9:.1f} GB of {left.total / 1e9:.0f} GB free"
    if left.free < _BAD_FREE:
        return Finding("disk", "bad", says + "; make room, or the agent stops confirming")
    if left.free < _ODD_FREE:
        return Finding("disk", "odd", says + "; make room soon")
    return Finding("disk", "good", says)


def _found(connection: sqlite3.Connection, file: Path, now: float) -> list[Finding]:
    newest = migrations()[-1][0]
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        return [Finding("database", "bad", f"{file}: is damaged ({verdict}); restore a backup")]
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    if schema > newest:
        says = f"{file}: of a newer rollcall (schema {schema}, this one knows {newest}); upgrade"
        return [Finding("database", "bad", says)]
    counters = dict(connection.execute("SELECT name, value FROM counters").fetchall())
    (rx,) = connection.execute("SELECT max(rx) FROM journal").fetchone()
    size = f"{file.stat().st_size / 1e6:.0f} MB, {counters['batches']} batches"
    found = [Finding("database", "good", size), _clock(now, rx)]
    if rx is not None and now - rx > _OLD_S:
        says = f"nothing came for {(now - rx) / 86_400:.0f} days; look at broker and gateways"
        found.append(Finding("journal", "odd", says))
    count, error = trouble(connection)
    if count:
        says = f"{count} alerts could not be told: {error}; try `rollcall notify test`"
        found.append(Finding("notices", "bad", says))
    if counters["quarantined"] > _FEW:
        (reason,) = connection.execute(
            "SELECT reason FROM quarantine ORDER BY id DESC LIMIT 1"
        ).fetchone() or ("",)
        says = f"{counters['quarantined']} things could not be understood, the last: {reason}"
        found.append(Finding("quarantine", "odd", says))
    return found


def _clock(now: float, newest: float | None) -> Finding:
    if now < EARLIEST_S:
        says = "is years behind; connect it to a time server, or fit a clock with a battery"
        return Finding("clock", "bad", says)
    if newest is not None and newest - now > SLACK_S:
        says = f"is {newest - now:.0f} s before the newest row of the journal; set it"
        return Finding("clock", "bad", says)
    return Finding("clock", "good", "fits the journal")
