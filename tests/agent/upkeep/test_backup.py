"""A backup is one moment of a database in use; put back, it takes in again what can still come."""

import random
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from edge.agent.service import Agent
from edge.agent.storage.database import FILE_NAME, DatabaseError, prepare
from edge.agent.storage.lock import AlreadyRunning, data_folder_lock
from edge.agent.upkeep import backup as module
from edge.agent.upkeep.backup import back_up, inspect, restore
from tests.agent.running import names, running
from tests.agent.schools import BOOT, SITE, payloads, settings
from tests.support.broker import Broker
from tests.support.sender import Sender
from tests.support.waiting import eventually


def no_progress(_: float) -> None:
    pass


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "data" / FILE_NAME
    prepare(path)
    return path


def count_up(path: Path, ended: threading.Event, counted: threading.Event) -> None:
    """Commit without pause: two counters that are always equal, and ever more pages."""
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        while not ended.is_set():
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("UPDATE counters SET value = value + 1 WHERE name IN ('reads','sum_n')")
            writer.execute("INSERT INTO inbox (body) VALUES (zeroblob(9000))")
            writer.execute("COMMIT")
            counted.set()


def test_a_copy_of_a_database_in_use_is_one_moment_and_comes_to_an_end(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGES_AT_ONCE", 1)
    ended, counted = threading.Event(), threading.Event()
    writer = threading.Thread(target=count_up, args=(database, ended, counted))
    writer.start()
    try:
        assert counted.wait(10)
        shares: list[float] = []
        back_up(database, tmp_path / "copy.db", shares.append)
    finally:
        ended.set()
        writer.join()
    assert shares == sorted(shares) and shares[-1] == 1.0
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        equal = (
            "SELECT count(DISTINCT value), min(value) FROM counters WHERE name IN ('reads','sum_n')"
        )
        assert copy.execute(equal).fetchone()[0] == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy.db", "data"]


def test_a_good_backup_is_not_lost_to_one_that_fails(database: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.db"
    back_up(database, out, no_progress)
    before = out.read_bytes()
    database.write_bytes(b"not a database at all" * 400)
    with pytest.raises(DatabaseError, match="cannot be copied"):
        back_up(database, out, no_progress)
    assert out.read_bytes() == before


@pytest.mark.parametrize("damage", ["text", "middle", "newer"])
def test_only_a_good_backup_is_put_back(database: Path, tmp_path: Path, damage: str) -> None:
    out = tmp_path / "copy.db"
    back_up(database, out, no_progress)
    if damage == "text":
        out.write_text("hello")
    elif damage == "middle":
        body = bytearray(out.read_bytes())
        body[4096:12288] = b"\xff" * 8192
        out.write_bytes(body)
    else:
        with closing(sqlite3.connect(out)) as copy:
            copy.execute("PRAGMA user_version=999")
    before = database.read_bytes()
    with pytest.raises(DatabaseError, match=r"copy\.db: "):
        restore(out, database.parent, no_progress)
    assert database.read_bytes() == before


def test_nothing_is_put_back_under_an_agent_that_runs(database: Path, tmp_path: Path) -> None:
    back_up(database, tmp_path / "copy.db", no_progress)
    with data_folder_lock(database.parent), pytest.raises(AlreadyRunning, match="stop it"):
        restore(tmp_path / "copy.db", database.parent, no_progress)


def test_a_backup_can_be_put_into_an_empty_folder(database: Path, tmp_path: Path) -> None:
    made = back_up(database, tmp_path / "copy.db", no_progress)
    held, aside = restore(tmp_path / "copy.db", tmp_path / "new", no_progress)
    assert (held.database, aside) == (made.database, None)
    assert inspect(tmp_path / "new" / FILE_NAME).database == made.database


@pytest.mark.anyio
async def test_after_a_restore_gateway_and_agent_agree_again_by_themselves(
    broker: Broker, tmp_path: Path
) -> None:
    script = payloads(random.Random(7), 60)
    folder, out = tmp_path / "data", tmp_path / "copy.db"
    with Sender(broker.port, SITE, "gw-d1", BOOT, script[:20]) as sender:
        async with running(Agent(settings(tmp_path, broker.url))):
            await eventually(lambda: sender.empty, 20.0, "the first 20 batches to be confirmed")
            assert back_up(folder / FILE_NAME, out, no_progress).batches == 20
            sender.add(script[20:40])
            await eventually(lambda: sender.empty, 20.0, "20 more to be confirmed")
        _, aside = restore(out, folder, no_progress)
        assert aside is not None and inspect(aside).batches == 40
        sender.add(script[40:])
        async with running(Agent(settings(tmp_path, broker.url))) as agent:
            await eventually(lambda: sender.empty, 20.0, "the last 20 to be confirmed")
            assert (await agent.queries.totals()).lost == 20
    seqs = [*range(20), *range(40, 60)]
    assert names(tmp_path) == [("gw-d1", BOOT, seq) for seq in seqs]
