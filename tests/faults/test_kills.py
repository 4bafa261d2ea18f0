"""Agent and broker are killed (-9) under load: the ledger ends up as if nothing had happened."""

import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edge.agent.storage.database import FILE_NAME
from tests.agent.running import rows
from tests.chain.agent import AgentProcess
from tests.faults.scene import SECONDS, Scene, at_work
from tests.support.broker import Broker
from tests.support.counts import count, seeded

WORKED_OUT = ("events", "stays", "whereabouts", "presence", "alerts", "devices")


@pytest.mark.parametrize("run", range(count(2, 200)))
def test_nothing_is_lost_or_doubled_when_agent_or_broker_is_killed(
    run: int, broker: Broker, tmp_path: Path
) -> None:
    rng = seeded("kills", run)
    with at_work(tmp_path, broker) as scene:
        kill_in_the_middle(rng, scene)
        scene.settle()
        assert_ledger_can_be_worked_out_again(tmp_path, scene.agent)


def kill_in_the_middle(rng: random.Random, scene: Scene) -> None:
    """Kill each at a moment that the seed chooses."""
    for victim in rng.choice(["ab", "ba"]):
        scene.reach(rng.randrange(SECONDS))
        time.sleep(rng.uniform(0.0, 0.3))  # where in a commit's round it is hit
        if victim == "a":
            scene.agent.kill9()
            scene.agent.start()
        else:
            scene.broker.restart(kill=True)


def assert_ledger_can_be_worked_out_again(folder: Path, agent: AgentProcess) -> None:
    """Forget all that follows from the journal, and start again."""
    before = ledger(folder)
    with closing(sqlite3.connect(folder / "data" / FILE_NAME)) as connection:
        for table in WORKED_OUT:
            connection.execute(f"DELETE FROM {table}")
        connection.execute("UPDATE counters SET value = 0 WHERE name = 'ledger_pos'")
        connection.commit()
    agent.start()
    agent.stop()
    assert ledger(folder) == before


def ledger(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    newest = rows(folder, "SELECT max(pos) FROM events")[0][0]
    return {
        table: rows(folder, f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in WORKED_OUT
        if newest is not None
    }
