"""Gateways that are offline and then late; batches that come out of order, and twice."""

from __future__ import annotations

import random
from collections.abc import Mapping

from msgspec.structs import replace

from simulator.faults.way import WayFault
from simulator.faults.windows import Windows
from simulator.gateways.batching import KEEP_ALIVE_MS, Notice, SentBatch

DRAIN_MS = 10  # between two batches of a backlog: 100 a second
GREET_MS = 800  # from the network's return to the gateway's own word that it is back


class Outage(WayFault):
    """Gateways without a network at times: what they hold comes late, the oldest first."""

    def __init__(self, when: Mapping[str, Windows], boots: Mapping[str, str]) -> None:
        self._when, self._boots = when, boots
        self._free_ms = dict.fromkeys(when, 0)

    def carry(self, batch: SentBatch) -> list[SentBatch]:
        """Hold a batch until the network is back and what was held before it is out."""
        windows = self._when.get(batch.gateway)
        if windows is None:
            return [batch]
        window = windows.at(batch.rx_ms)
        ready_ms = batch.rx_ms if window is None else window[1] + GREET_MS
        rx_ms = max(ready_ms, self._free_ms[batch.gateway])
        if rx_ms > batch.rx_ms:
            self._free_ms[batch.gateway] = rx_ms + DRAIN_MS
        return [replace(batch, rx_ms=rx_ms)]

    def notices(self, begin_ms: int, end_ms: int) -> list[Notice]:
        """Tell that gateways went and came."""
        told = []
        for gateway, windows in self._when.items():
            for off_ms, on_ms in windows.touching(begin_ms, end_ms):
                if begin_ms <= off_ms < end_ms and on_ms - off_ms > KEEP_ALIVE_MS:
                    boot = self._boots[gateway]
                    told.append(Notice(off_ms + KEEP_ALIVE_MS, gateway, False, boot))
                    told.append(Notice(on_ms + GREET_MS, gateway, True, boot))
        return told


class Disorder(WayFault):
    """A network that holds some batches back for a while, and brings some twice."""

    def __init__(self, seed: int, late_share: float, twice_share: float, most_ms: int) -> None:
        self._rng = random.Random(f"disorder {seed}")
        self._late_share, self._twice_share = late_share, twice_share
        self._most_ms = most_ms

    def carry(self, batch: SentBatch) -> list[SentBatch]:
        """Let a batch come when it does, later, or again."""
        rng = self._rng
        if rng.random() < self._late_share:
            batch = replace(batch, rx_ms=batch.rx_ms + rng.randint(200, self._most_ms))
        if rng.random() < self._twice_share:
            return [batch, replace(batch, rx_ms=batch.rx_ms + rng.randint(10, self._most_ms))]
        return [batch]
