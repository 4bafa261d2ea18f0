"""Who sees to an alert is kept beside the ledger."""

import asyncio
import sqlite3

import pytest

from edge.agent.ledger.acknowledging import NOTE_AT_MOST, acknowledge
from edge.agent.storage.database import prepare


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "rollcall.db"
    prepare(path)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO alerts (id, t, decided, rule, late, why)"
            " VALUES ('640.0', 1, 2, 'left-building', 0, '{}')"
        )
    connection.close()
    return path


def kept(database):
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT alert, at, account, note FROM acknowledged").fetchall()
    connection.close()
    return rows


def test_the_last_word_on_an_alert_is_kept(database):
    assert asyncio.run(acknowledge(database, ["640.0"], None, " on my way ", 10.0))
    assert kept(database) == [("640.0", 10.0, None, "on my way")]
    assert asyncio.run(acknowledge(database, ["640.0"], "desk", "x" * 600, 11.0))
    assert kept(database) == [("640.0", 11.0, "desk", "x" * NOTE_AT_MOST)]


def test_of_several_of_which_one_is_not_there_nothing_is_kept(database):
    assert not asyncio.run(acknowledge(database, ["640.0", "641.0"], None, "", 10.0))
    assert kept(database) == []
