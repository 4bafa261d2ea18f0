"""What the doctor says of database, disk and clock."""

import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from edge.agent.storage.database import FILE_NAME, prepare
from edge.agent.storage.lock import data_folder_lock
from edge.doctor import data
from edge.doctor.data import check_agent, check_database, check_disk

NOW = 1_763_995_320.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    prepare(tmp_path / FILE_NAME)
    return tmp_path


def write(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        connection.execute(statement)
        connection.commit()


def verdicts(folder: Path, now: float = NOW) -> dict[str, str]:
    return {found.subject: found.verdict for found in check_database(folder, now)}


def test_a_new_database_is_good(folder: Path) -> None:
    assert verdicts(folder) == {"database": "good", "clock": "good"}


def test_no_database_yet_is_no_fault(tmp_path: Path) -> None:
    assert verdicts(tmp_path) == {"database": "odd"}


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database at all" * 999)
    (found,) = check_database(tmp_path, NOW)
    assert found.verdict == "bad" and "restore a backup" in found.says


def test_a_newer_database_is_told(folder: Path) -> None:
    write(folder, "PRAGMA user_version=999")
    (found,) = check_database(folder, NOW)
    assert found.verdict == "bad" and "upgrade" in found.says


@pytest.mark.parametrize(
    ("now", "clock", "journal"),
    [
        (NOW + 60, "good", None),
        (NOW - 3600, "bad", None),
        (1_000_000.0, "bad", None),
        (NOW + 5 * 86_400, "good", "odd"),
    ],
)
def test_the_clock_is_held_against_the_journal(
    folder: Path, now: float, clock: str, journal: str | None
) -> None:
    write(folder, f"INSERT INTO journal (rx, kind, body) VALUES ({NOW}, 'time', '{{}}')")
    found = verdicts(folder, now)
    assert (found["clock"], found.get("journal")) == (clock, journal)


def test_a_full_quarantine_is_odd_and_names_the_last_reason(folder: Path) -> None:
    write(folder, "UPDATE counters SET value = 500 WHERE name = 'quarantined'")
    write(
        folder,
        "INSERT INTO quarantine (rx, part, reason, topic, payload)"
        f" VALUES ({NOW}, 'batch', 'not JSON', 't', '')",
    )
    (found,) = (one for one in check_database(folder, NOW) if one.subject == "quarantine")
    assert found.verdict == "odd" and "500" in found.says and "not JSON" in found.says


@pytest.mark.parametrize(("free", "verdict"), [(50e6, "bad"), (1e9, "odd"), (40e9, "good")])
def test_a_disk_that_runs_full_is_told_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: float, verdict: str
) -> None:
    usage = SimpleNamespace(free=free, total=64e9)
    monkeypatch.setattr(data.shutil, "disk_usage", lambda _: usage)
    assert check_disk(tmp_path / "not" / "there" / "yet").verdict == verdict


def test_an_agent_is_known_by_its_lock(tmp_path: Path) -> None:
    assert check_agent(tmp_path).verdict == "odd"
    with data_folder_lock(tmp_path):
        assert check_agent(tmp_path).verdict == "good"
