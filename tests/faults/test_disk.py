"""The disk is full, the database is locked, the WAL is torn: what is confirmed is there."""

import resource
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.chain.agent import AgentProcess
from tests.faults.scene import SECONDS, Scene, at_work
from tests.support.broker import Broker
from tests.support.counts import count, seeded
from tests.support.waiting import wait_for

FRAME_BYTES = 24 + 4096
WAL_HEADER_BYTES = 32


def let_files_grow_to(agent: AgentProcess, size: int) -> None:
    _, hard = resource.prlimit(agent.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(agent.pid, resource.RLIMIT_FSIZE, (size, hard))


def wait_until_it_says(scene: Scene, word: str) -> None:
    def said() -> bool:
        status, text = scene.agent.page("/health/ready")
        return status == 503 and word in text

    wait_for(said, 20.0, f'"{word}" in /health/ready')


@pytest.mark.parametrize("run", range(count(1, 20)))
def test_on_a_full_disk_it_confirms_nothing_says_so_and_goes_on_when_there_is_room(
    run: int, broker: Broker, tmp_path: Path
) -> None:
    rng = seeded("full disk", run)
    with at_work(tmp_path, broker) as scene:
        scene.reach(rng.randrange(1, SECONDS // 2))
        let_files_grow_to(scene.agent, 0)  # not even a line of its log
        wait_until_it_says(scene, "cannot be written")
        assert "Nothing can be recorded now" in scene.agent.page("/")[1]
        before = scene.confirmed
        wait_for(lambda: min(s.sent for s in scene.senders) > SECONDS, 30.0, "all to be sent again")
        assert scene.confirmed == before
        let_files_grow_to(scene.agent, resource.RLIM_INFINITY)
        scene.settle()


def test_while_another_process_holds_the_database_nothing_is_confirmed(
    broker: Broker, tmp_path: Path
) -> None:
    with at_work(tmp_path, broker) as scene:
        scene.reach(20)
        with closing(sqlite3.connect(scene.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            wait_until_it_says(scene, "locked")
            other.execute("ROLLBACK")
        scene.settle()


@pytest.mark.parametrize("run", range(count(2, 50)))
def test_the_torn_end_of_an_unfinished_commit_is_left_out(
    run: int, broker: Broker, tmp_path: Path
) -> None:
    """What power takes in the middle of a write was never confirmed."""
    rng = seeded("torn", run)
    with at_work(tmp_path, broker) as scene:
        scene.reach(rng.randrange(10, SECONDS))
        scene.agent.kill9()
        wal = scene.database.with_name(scene.database.name + "-wal")
        frames = wal.read_bytes()[WAL_HEADER_BYTES:]
        last = bytearray(frames[-FRAME_BYTES:])
        last[rng.randrange(24, FRAME_BYTES)] ^= 0xFF
        with wal.open("ab") as file:
            file.write(last[: rng.choice([FRAME_BYTES, rng.randrange(1, FRAME_BYTES)])])
        scene.agent.start()
        scene.settle()
