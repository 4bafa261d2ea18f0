"""Whatever a gateway sends: nothing raises, and each message is taken or refused with a reason."""

import asyncio
from typing import Any

import pytest

from edge.agent.engine import Engine
from edge.agent.gateways.known import Gateways
from edge.agent.intake.loss import Books
from edge.agent.intake.names import Names
from edge.agent.intake.queue import Fact, Intake
from edge.agent.intake.rows import expand_batch
from edge.agent.intake.sorting import Commit, Sorter
from edge.agent.ledger.store import Ledger
from edge.agent.process.clock import Clock
from edge.agent.reception import Reception
from edge.contracts.topics import Topics
from tests.agent.schools import BOOT, SITE, payload, payloads, school
from tests.support.counts import count, seeded
from tests.support.mutations import mutated

MESSAGES = count(3_000, 250_000)  # of each channel: a million in all
AT_ONCE = 200
STATUS = {"v": 1, "online": True, "boot": BOOT, "hw": "a0", "readers": ["m100"], "reset": "power"}
HEALTH = {"v": 1, "up": 5, "heap_free": 9, "rssi_wifi": -60.5, "outbox": 0, "temperature": 41.0}
LOG = {"v": 1, "t": 1_763_900_000_000, "level": "warning", "text": "hot", "traceback": "..."}


class Bench:
    """From a message to the engine, without a disk."""

    def __init__(self) -> None:
        topics = Topics(SITE)
        clock = Clock()
        self.intake = Intake(clock.monotonic)
        self.engine = Engine(school())
        ledger: Any = Ledger(None, self.engine)  # type: ignore[arg-type]  # nothing is written
        self.reception = Reception(topics, self.intake, Gateways(), ledger, clock)
        self.sorter = Sorter(topics, 1, {}, Names(), Books())

    async def work(self) -> Commit:
        """Take over all that waits, and let the engine have it."""
        self.intake.hurry()
        items = await self.intake.take()
        decoded = self.sorter.decode(items)
        assert not self.sorter.known(decoded)  # each name comes once
        commit = self.sorter.sort(items, decoded, {})
        self.sorter.committed(commit)
        for row in commit.journaled:
            if row.batch is not None and row.name is not None:
                name, at = row.name, row.place_ms
                for read in expand_batch(
                    row.batch, row.pos, row.rx, name.gateway, name.boot, name.seq, at
                ):
                    self.engine.feed(read)
            elif row.row is not None:
                self.engine.feed(row.row)
        assert all(refused.reason for refused in commit.quarantined)
        assert sum(not isinstance(item, Fact) for item in items) == _accounted(commit)
        return commit


def _accounted(commit: Commit) -> int:
    whole = [q for q in commit.quarantined if q.part not in ("read", "lost", "base")]
    return commit.batches + commit.repeats + len(whole)


@pytest.mark.parametrize("channel", ["reads", "status", "health", "log"])
def test_no_message_stops_the_agent_and_none_goes_unaccounted(channel: str) -> None:
    rng = seeded("fuzz", channel)
    bench = Bench()
    good: list[Any] = {"status": [STATUS], "health": [HEALTH], "log": [LOG]}.get(channel) or [
        *payloads(rng, 20),
        payload(lost=[[BOOT, 1, 2, 40]], base=1, t=1_763_900_000_000, sync=3),
    ]
    taken = refused = 0

    async def run() -> None:
        nonlocal taken, refused
        for number in range(MESSAGES):
            topic = f"rollcall/{SITE}/gw-d1/{channel}" + f"/{BOOT}/{number}" * (channel == "reads")
            bench.reception.receive(topic, mutated(rng, rng.choice(good)))
            if number % AT_ONCE == AT_ONCE - 1:
                commit = await bench.work()
                taken += commit.batches
                refused += len(commit.quarantined)

    asyncio.run(run())
    assert refused > MESSAGES / 50
    assert taken > MESSAGES / 4 or channel != "reads"
