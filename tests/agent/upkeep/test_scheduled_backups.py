"""Backups by themselves: made when due, whole, rotated, and in nobody's way."""

import os
from pathlib import Path

import pytest

from edge.agent.service import Agent
from edge.agent.storage.database import FILE_NAME, DatabaseError, prepare
from edge.agent.upkeep import scheduled_backups
from edge.agent.upkeep.backup import inspect
from edge.agent.upkeep.scheduled_backups import is_due, make
from edge.contracts.settings import BackupSettings
from tests.agent.running import running
from tests.agent.schools import settings
from tests.support.waiting import eventually

NOW = 1_763_900_000.0
DAY_S = 86_400.0
DAILY = BackupSettings(every_hours=24, keep=3)


def a_backup_of(folder: Path, at: float) -> Path:
    """Made at that time, as the file system says too."""
    file = make(folder.parent / FILE_NAME, folder, DAILY, at).file
    os.utime(file, (at, at))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    prepare(tmp_path / FILE_NAME)
    return tmp_path / "backups"


def test_one_is_due_when_there_is_none_or_the_newest_is_a_day_old(folder: Path) -> None:
    assert is_due(folder, DAILY, NOW)
    a_backup_of(folder, NOW)
    assert not is_due(folder, DAILY, NOW + DAY_S - 1)
    assert is_due(folder, DAILY, NOW + DAY_S)
    assert is_due(folder, DAILY, NOW - 1)  # the clock was wrong when it was made


def test_the_newest_are_kept_and_what_a_person_made_stays(folder: Path) -> None:
    folder.mkdir()
    by_hand = folder / "rollcall-20200101T000000Z.db"
    by_hand.write_bytes(b"")
    (folder / "rollcall-auto-20200101T000000Z.db.part").write_bytes(b"half")
    made = [a_backup_of(folder, NOW + day * DAY_S) for day in range(5)]
    assert sorted(folder.iterdir()) == sorted([by_hand, *made[-3:]])
    assert all(inspect(file).batches == 0 for file in made[-3:])


def test_one_that_fails_costs_none_of_the_old(folder: Path) -> None:
    kept = [a_backup_of(folder, NOW + day * DAY_S) for day in range(3)]
    (folder.parent / FILE_NAME).write_bytes(b"no database" * 1000)
    with pytest.raises(DatabaseError):
        make(folder.parent / FILE_NAME, folder, DAILY, NOW + 9 * DAY_S)
    assert sorted(folder.iterdir()) == kept


@pytest.mark.anyio
async def test_the_agent_makes_one_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduled_backups, "FIRST_S", 0.0)
    folder = tmp_path / "data" / "backups"
    async with running(Agent(settings(tmp_path)), connected=False):
        (file,) = await eventually(
            lambda: list(folder.glob("rollcall-auto-*.db")), 10.0, "a backup"
        )
    assert inspect(file).batches == 0
