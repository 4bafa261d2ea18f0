"""The log of looks at names: nothing in it can be changed or taken out without its showing."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.agent.storage.database import prepare
from edge.custody.looks import add_look, first_break, forget_looks, newest_looks


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    path = tmp_path / "rollcall.db"
    prepare(path)
    connection = sqlite3.connect(path, isolation_level=None)
    for number in range(1, 11):
        add_look(connection, 1000.0 + number, "office", f"cust_{number}", "fee of 3 dollars")
    return connection


def test_a_log_that_nobody_touched_holds(connection: sqlite3.Connection) -> None:
    assert first_break(connection) is None
    assert [look.number for look in newest_looks(connection, 0, 3)] == [10, 9, 8]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE looks SET reason = 'x' WHERE number = 4",
        "DELETE FROM looks WHERE number = 4",
        "DELETE FROM looks",
    ],
)
def test_the_database_itself_refuses_to_change_it(
    connection: sqlite3.Connection, statement: str
) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="a look"):
        connection.execute(statement)
    assert first_break(connection) is None


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (lambda c: c.execute("UPDATE looks SET reason = 'x' WHERE number = 4"), "look 4 is not"),
        (lambda c: c.execute("UPDATE looks SET at = at + 1 WHERE number = 10"), "look 10 is not"),
        (lambda c: c.execute("UPDATE looks SET holder = '' WHERE number = 1"), "look 1 is not"),
        (lambda c: c.execute("DELETE FROM looks WHERE number = 4"), "look 4 is missing"),
        (lambda c: c.execute("DELETE FROM looks WHERE number = 1"), "look 1 is missing"),
        (lambda c: c.execute("DELETE FROM looks WHERE number > 8"), "looks 9 to 10 are missing"),
        (lambda c: c.execute("DELETE FROM looks"), "looks 1 to 10 are missing"),
    ],
)
def test_whoever_goes_round_the_database_is_found_out(
    connection: sqlite3.Connection, tamper: Callable[[sqlite3.Connection], object], says: str
) -> None:
    for trigger in ("looks_stay", "looks_go_in_order"):
        connection.execute(f"DROP TRIGGER {trigger}")
    tamper(connection)
    broken = first_break(connection)
    assert broken is not None and broken.startswith(says)


def test_what_is_old_goes_and_the_rest_still_holds(connection: sqlite3.Connection) -> None:
    assert forget_looks(connection, before=1005.0) == 4
    assert first_break(connection) is None
    assert [look.number for look in newest_looks(connection, 0, 20)] == [10, 9, 8, 7, 6, 5]
    assert forget_looks(connection, before=2000.0) == 6
    assert first_break(connection) is None
    assert add_look(connection, 3000.0, "office", "cust_1", "lost and found").number == 11
    assert first_break(connection) is None
