"""Gateways that repeat, reorder, replay and drop, and one name with two contents."""

import json
import random
from pathlib import Path

import pytest

from tests.agent.schools import read
from tests.faults.scene import at_work
from tests.support.broker import Broker
from tests.support.counts import count, seeded
from tests.support.sender import Sender
from tests.support.waiting import wait_for


class Unruly(Sender):
    """Keeps the rules of an outbox in one thing only: it holds a batch until it is confirmed."""

    rng = random.Random(0)
    altered: set[tuple[str, int]]

    def _due(self) -> list[int]:
        due = super()._due()
        with self._lock:
            confirmed = sorted(set(range(len(self._payloads))) - self._held)
        again = [self.rng.choice(confirmed)] if confirmed and self.rng.random() < 0.3 else []
        due = [seq for seq in [*due, *due, *again] if self.rng.random() < 0.7]
        self.rng.shuffle(due)
        if confirmed and self.rng.random() < 0.2:
            self._send_other_content(self.rng.choice(confirmed))
        return due

    def _send_other_content(self, seq: int) -> None:
        other = self._payloads[seq] | {"reads": [read(999)], "sent": 10_000, "base": 0}
        topic = f"{self._prefix}/reads/{self._boot}/{seq}"
        self._client.publish(topic, json.dumps(other).encode(), 1)
        self.altered.add((self._boot, seq))


@pytest.mark.parametrize("run", range(count(1, 50)))
def test_what_came_first_stays_and_counts_once(run: int, broker: Broker, tmp_path: Path) -> None:
    Unruly.rng, Unruly.altered = seeded("unruly", run), set()
    with at_work(tmp_path, broker, Unruly) as scene:
        wait_for(lambda: all(s.empty for s in scene.senders), 90.0, "the outboxes to be empty")
        scene.settle(other_contents=len(Unruly.altered))
