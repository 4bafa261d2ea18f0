"""A school at work: a real broker, the agent as a process, two gateways with lists of batches.

Whatever a test does to it in the middle, at the end `settle` demands the same: each batch of the
lists is in the journal once, the counters add up, nothing is lost or in quarantine, and a replay
of that journal says what was said live.
"""

import asyncio
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edge.agent.engine import Engine
from edge.agent.export import export_events, export_reads
from edge.agent.replay import replay
from edge.agent.storage.database import FILE_NAME
from edge.contracts.school_file import parse_school
from tests.agent.running import names, rows
from tests.agent.schools import BOOT, NEXT_BOOT, SITE, TEXT, sum_n
from tests.agent.walks import cart, doorway
from tests.chain.agent import AgentProcess
from tests.support.broker import Broker
from tests.support.sender import Sender
from tests.support.waiting import wait_for

SECONDS = 90  # of a school's life, sent as fast as the window lets it
BOOTS = {"gw-c1": BOOT, "gw-d1": NEXT_BOOT}


class Scene:
    """What a test may break."""

    def __init__(self, folder: Path, broker: Broker, sender: type[Sender] = Sender) -> None:
        start_ms = round((time.time() - 2 * SECONDS) * 1000)
        self.folder = folder
        self.broker = broker
        self.agent = AgentProcess(folder, TEXT, broker.url)
        self.scripts = {"gw-c1": cart(start_ms, SECONDS), "gw-d1": doorway(start_ms, SECONDS)}
        self.senders = [
            sender(broker.port, SITE, gateway, BOOTS[gateway], script)
            for gateway, script in self.scripts.items()
        ]

    @property
    def database(self) -> Path:
        return self.folder / "data" / FILE_NAME

    @property
    def confirmed(self) -> int:
        return max(sender.confirmed for sender in self.senders)

    def reach(self, batches: int) -> None:
        """Wait until a gateway had so many confirmed."""
        wait_for(lambda: self.confirmed >= batches, 60.0, f"{batches} batches")

    def settle(self, other_contents: int | None = None) -> None:
        """Let it come to its end and look at everything.

        `other_contents`: at least one and at most so many batches came with other content too.
        """
        wait_for(lambda: all(s.empty for s in self.senders), 90.0, "the outboxes to be empty")
        crossed = "SELECT 1 FROM events WHERE kind = 'crossed' LIMIT 1"
        wait_for(lambda: rows(self.folder, crossed), 30.0, "a crossing")
        totals: dict[str, Any] = self.agent.get("/totals")
        self.agent.stop()
        want = [(g, BOOTS[g], seq) for g in sorted(self.scripts) for seq in range(SECONDS)]
        assert names(self.folder) == want
        assert totals["batches"] == len(want)
        assert totals["sum_n"] == sum(sum_n(script) for script in self.scripts.values())
        assert totals["lost"] == 0
        assert int(other_contents is not None) <= totals["quarantined"] <= (other_contents or 0)
        assert_live_equals_replay(self.database)


@contextmanager
def at_work(folder: Path, broker: Broker, sender: type[Sender] = Sender) -> Iterator[Scene]:
    """A school whose gateways have begun to send."""
    scene = Scene(folder, broker, sender)
    with scene.agent, scene.senders[0], scene.senders[1]:
        yield scene


def assert_live_equals_replay(database: Path, text: str = TEXT) -> None:
    """A replay of the journal says what stands in the ledger, to the letter."""
    log, live = io.BytesIO(), io.BytesIO()
    asyncio.run(export_reads(database, log))
    asyncio.run(export_events(database, live))
    again: list[bytes] = []
    lines = log.getvalue().splitlines()
    tally = replay(lines, Engine(parse_school(text)), again.append, lambda _: None, flush=False)
    assert not tally.bad
    assert b"".join(again) == live.getvalue()
