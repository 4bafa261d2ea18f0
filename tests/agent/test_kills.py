"""Agent and broker are killed (-9) under load: the ledger ends up as if nothing had happened."""

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edge.agent.database import FILE_NAME
from tests.agent.running import names, rows
from tests.agent.schools import BOOT, NEXT_BOOT, SITE, TEXT, sum_n
from tests.agent.walks import cart, doorway
from tests.chain.agent import AgentProcess
from tests.support.broker import Broker
from tests.support.counts import count, seeded
from tests.support.sender import Sender
from tests.support.waiting import wait_for

SECONDS = 90  # of a school's life, sent as fast as the window lets it
WORKED_OUT = ("events", "stays", "whereabouts", "presence", "alerts", "devices")


@pytest.mark.parametrize("run", range(count(3, 60)))
def test_nothing_is_lost_or_doubled_when_agent_or_broker_is_killed(
    run: int, broker: Broker, tmp_path: Path
) -> None:
    rng = seeded("kills", run)
    start_ms = round((time.time() - 2 * SECONDS) * 1000)
    scripts = {"gw-c1": cart(start_ms, SECONDS), "gw-d1": doorway(start_ms, SECONDS)}
    boots = {"gw-c1": BOOT, "gw-d1": NEXT_BOOT}
    with AgentProcess(tmp_path, TEXT, broker.url) as agent:
        senders = [Sender(broker.port, SITE, g, boots[g], scripts[g]) for g in scripts]
        with senders[0], senders[1]:
            kill_in_the_middle(rng, agent, broker, senders)
            wait_for(lambda: all(s.empty for s in senders), 60.0, "the outboxes to be empty")
        crossed = "SELECT 1 FROM events WHERE kind = 'crossed' LIMIT 1"
        wait_for(lambda: rows(tmp_path, crossed), 30.0, "a crossing")
        totals = agent.get("/totals")
        agent.stop()
    want = [(g, boots[g], seq) for g in sorted(scripts) for seq in range(SECONDS)]
    assert names(tmp_path) == want
    assert totals["batches"] == len(want)
    assert totals["sum_n"] == sum(sum_n(script) for script in scripts.values())
    assert (totals["quarantined"], totals["lost"]) == (0, 0)
    assert_live_equals_replay(agent.config, tmp_path)
    assert_ledger_can_be_worked_out_again(tmp_path, agent)


def kill_in_the_middle(
    rng: random.Random, agent: AgentProcess, broker: Broker, senders: list[Sender]
) -> None:
    """Kill one or the other, or both, at moments that the seed chooses."""
    for victim in rng.choice(["a", "b", "ab", "ba"]):
        at = rng.randrange(SECONDS)
        wait_for(lambda at=at: max(s.confirmed for s in senders) >= at, 60.0, "the moment")
        time.sleep(rng.uniform(0.0, 0.3))
        if victim == "a":
            agent.kill9()
            agent.start()
        else:
            broker.restart(kill=True)


def rollcall(*words: str) -> None:
    command = [sys.executable, "-m", "edge.cli", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def assert_live_equals_replay(config: Path, folder: Path) -> None:
    reads, said, again = (folder / name for name in ("reads.jsonl", "said.jsonl", "again.jsonl"))
    rollcall("export", "reads", "--config", str(config), "--out", str(reads))
    rollcall("export", "events", "--config", str(config), "--out", str(said))
    school = str(folder / "school.toml")
    rollcall("replay", str(reads), "--school", school, "--no-flush", "--out", str(again))
    assert said.read_text() == again.read_text()


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
