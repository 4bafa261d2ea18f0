"""From a module's bytes to the HTTP API, with nothing faked between the ends.

Two M100 emulators with 60 tags at 115200 baud on ptys, the firmware under the MicroPython binary,
a real mosquitto that keeps nothing, the agent as a process, its API as the witness.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.contracts.readlog import LooksRow, ReadRow, decode_row
from tests.chain.agent import AgentProcess
from tests.chain.modules import Modules
from tests.support.broker import Broker
from tests.support.counts import count
from tests.support.waiting import wait_for

PREFIX = "3414257BF4"
TAGS = 60
ENOUGH = 700  # notices: every tag several times over on both antennas, in about ten seconds
# Of a killed chain's sample: over before the tags lie still, whose records wait for 30 s more.
BETWEEN_KILLS = count(90, 250)

SCHOOL = f"""
name = "Chain"
site = "chain"
timezone = "UTC"
epc_prefixes = ["{PREFIX}"]
region = "US"
[rooms.hall]
kind = "hall"
[rooms.r1]
kind = "classroom"
[doorways.d1]
between = ["hall", "r1"]
gateway = "gw-d1"
antennas = {{ 1 = "hall", 2 = "r1" }}
"""


@contextmanager
def gateway(modules: Modules, broker: Broker, flash: Path) -> Iterator[None]:
    """`rollcall gateway run` with one reader on each pty."""
    flash.mkdir()
    readers = [
        word
        for antenna, path in enumerate(modules.paths, 1)
        for word in ("--reader", f"m100,{path},{antenna}")
    ]
    command = [sys.executable, "-m", "edge.cli", "gateway", "run", *readers]
    command += ["--mqtt", broker.url, "--site", "chain", "--id", "gw-d1", "--region", "US"]
    command += ["--interpreter", "micropython", "--data", str(flash)]
    with (flash.parent / "gateway.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10.0)


def settle(modules: Modules, agent: AgentProcess) -> int:
    """Take the tags away and wait until the books of agent and modules agree."""
    modules.take_tags_away()
    wait_for(
        lambda: agent.get("/totals")["sum_n"] >= modules.notices_sent(),
        60.0,  # a still tag's record waits up to 30 s, an unconfirmed batch 10 s to be sent again
        "the journal to hold every notice",
    )
    return modules.notices_sent()


def assert_complete(modules: Modules, agent: AgentProcess, notices: int, out: Path) -> None:
    """Every tag arrived, each batch is journaled once, and the sum of `n` is the notices sent.

    And a replay of the journal says what was said live, to the letter.
    """
    listed = agent.get(f"/devices?limit={2 * TAGS}")
    assert sorted(device["epc"] for device in listed["items"]) == modules.epcs
    totals = agent.get("/totals")
    assert totals["sum_n"] == notices
    assert totals["quarantined"] == totals["lost"] == 0
    agent.stop()
    out.mkdir()
    reads, live, replayed = (out / f"{name}.jsonl" for name in ("reads", "live", "replayed"))
    rollcall("export", "reads", "--config", agent.config, "--out", reads)
    rollcall("export", "events", "--config", agent.config, "--out", live)
    school = agent.config.parent / "school.toml"
    rollcall("replay", reads, "--school", school, "--no-flush", "--out", replayed)
    assert replayed.read_text() == live.read_text() != ""
    rows = [decode_row(line, number) for number, line in enumerate(reads.open("rb"), 1)]
    batches = [(row.boot, row.seq) for row in rows if isinstance(row, LooksRow)]
    assert len(batches) == len(set(batches)) == totals["batches"]
    assert sum(row.n for row in rows if isinstance(row, ReadRow)) == notices


def rollcall(*words: str | Path) -> None:
    """Run a command to its end; it must succeed."""
    command = [sys.executable, "-m", "edge.cli", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def read_until(modules: Modules, notices: int) -> None:
    wait_for(lambda: modules.notices_sent() >= notices, 60.0, f"{notices} notices")


def test_every_notice_of_sixty_tags_reaches_the_api_once(
    broker: Broker, micropython_binary: list[str], tmp_path: Path
) -> None:
    with (
        Modules(2, TAGS, seed=1, prefix=PREFIX) as modules,
        AgentProcess(tmp_path / "agent", SCHOOL, broker.url) as agent,
        gateway(modules, broker, tmp_path / "flash"),
    ):
        read_until(modules, ENOUGH)
        notices = settle(modules, agent)
        assert_complete(modules, agent, notices, tmp_path / "out")


def test_nothing_is_lost_or_doubled_when_agent_and_broker_are_killed_in_the_middle(
    broker: Broker, micropython_binary: list[str], tmp_path: Path
) -> None:
    with (
        Modules(2, TAGS, seed=2, prefix=PREFIX) as modules,
        AgentProcess(tmp_path / "agent", SCHOOL, broker.url) as agent,
        gateway(modules, broker, tmp_path / "flash"),
    ):
        read_until(modules, BETWEEN_KILLS)
        agent.kill9()
        read_until(modules, 2 * BETWEEN_KILLS)
        agent.start()
        read_until(modules, 3 * BETWEEN_KILLS)
        broker.kill9()
        read_until(modules, 4 * BETWEEN_KILLS)
        broker.start()
        read_until(modules, 5 * BETWEEN_KILLS)
        notices = settle(modules, agent)
        assert_complete(modules, agent, notices, tmp_path / "out")
