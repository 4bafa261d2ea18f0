"""Gateways whose clocks are wrong: set wrong, drifting, jumping by hours, or never set."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Protocol

from msgspec.structs import replace

from simulator.faults.way import WayFault
from simulator.faults.windows import HOUR_MS, Windows
from simulator.gateways.batching import SentBatch


class Clock(Protocol):
    """How far a gateway's clock is ahead, and how long ago it was set."""

    def ahead_ms(self, batch: SentBatch) -> int:
        """Return by how much its times are ahead of the truth."""

    def sync_s(self, batch: SentBatch) -> int | None:
        """Return the seconds since it was set at the batch's zero, None when it never was."""


class Drifting:
    """A clock that was set at boot, `off_ms` wrong, and runs too fast by `ppm`."""

    def __init__(self, off_ms: int = 0, ppm: float = 0.0) -> None:
        self._off_ms, self._ppm = off_ms, ppm

    def ahead_ms(self, batch: SentBatch) -> int:
        """Return the error it had plus what it gained since."""
        return self._off_ms + round((batch.up_ms - batch.boot_ms) * self._ppm / 1e6)

    def sync_s(self, batch: SentBatch) -> int | None:
        """Return the time since boot: it is set once."""
        return (batch.up_ms - batch.boot_ms) // 1000


class Jumping:
    """A right clock that is set hours wrong at times, until it is set right again."""

    def __init__(self, windows: Windows, seed: int) -> None:
        self._windows, self._seed = windows, seed

    def ahead_ms(self, batch: SentBatch) -> int:
        """Return the hours that the jump of this time took it off."""
        window = self._windows.at(batch.up_ms)
        if window is None:
            return 0
        rng = random.Random(f"jump {window[0]} {self._seed}")
        return rng.choice((-1, 1)) * rng.randint(HOUR_MS, 12 * HOUR_MS)

    def sync_s(self, batch: SentBatch) -> int | None:
        """Return the time since it was last set, right or wrong."""
        window = self._windows.at(batch.up_ms)
        since_ms = window[0] if window is not None else batch.up_ms - batch.up_ms % HOUR_MS
        return (batch.up_ms - max(since_ms, batch.boot_ms)) // 1000


class NeverSet:
    """No clock: the agent places its batches by the fastest that any of its boot came."""

    def __init__(self) -> None:
        self._least_ms: dict[str, int] = {}

    def ahead_ms(self, batch: SentBatch) -> int:
        """Return how long the fastest batch up to this one was on the way."""
        took_ms = batch.rx_ms - batch.sent_ms
        self._least_ms[batch.boot] = min(self._least_ms.get(batch.boot, took_ms), took_ms)
        return self._least_ms[batch.boot]

    def sync_s(self, batch: SentBatch) -> int | None:
        """Return nothing: it never was."""
        return None


class WrongClocks(WayFault):
    """Gives each gateway its clock; every gateway tells its uptime with its batches."""

    def __init__(self, clocks: Mapping[str, Clock]) -> None:
        self._clocks = clocks

    def carry(self, batch: SentBatch) -> list[SentBatch]:
        """Put the gateway's own idea of the time into a batch."""
        clock = self._clocks.get(batch.gateway, _RIGHT)
        ahead_ms, sync_s = clock.ahead_ms(batch), clock.sync_s(batch)
        return [replace(batch, ahead_ms=ahead_ms, sync_s=sync_s, tells_up=True)]


_RIGHT = Drifting()
