"""The module's side of the UART: frames leave one after the other at 10 bits a byte."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass

from simulator.modules.faults import NO_FAULTS, Faults
from simulator.modules.stats import Stats

# Frames. Rounds wait for the UART and leave half of this free, so only a host that floods it
# with commands comes here; then the newest answers are dropped and counted.
QUEUE_LIMIT = 256

BITS_PER_BYTE = 10  # 8N1


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes whose last bit left at `at_s`; `is_notice` only for a tag notice that is undamaged."""

    at_s: float
    data: bytes
    is_notice: bool


class UartLine:
    """Frames on their way out. `free_s` is when the last of them will have left.

    Without `pacing` frames leave at once. Faults act here, so a damaged notice is known as such.
    """

    def __init__(
        self,
        baud: int,
        rng: random.Random,
        stats: Stats,
        faults: Faults = NO_FAULTS,
        *,
        pacing: bool = True,
    ) -> None:
        self.baud = baud
        self.free_s = float("-inf")
        self._rng = rng
        self._stats = stats
        self._faults = faults
        self._pacing = pacing
        self._queue: deque[Sent] = deque()

    @property
    def next_due_s(self) -> float | None:
        """When the first waiting frame will have left, or None."""
        return self._queue[0].at_s if self._queue else None

    def seconds(self, size: int) -> float:
        """Return how long `size` bytes take."""
        return size * BITS_PER_BYTE / self.baud if self._pacing else 0.0

    def crowded(self, at_s: float) -> bool:
        """Tell whether frames that have left by `at_s` should be taken before more are given."""
        return len(self._queue) >= QUEUE_LIMIT // 2 and self._queue[0].at_s <= at_s

    def push(self, data: bytes, at_s: float, *, is_notice: bool = False) -> None:
        """Give a frame to the UART at `at_s`."""
        if len(self._queue) >= QUEUE_LIMIT:
            self._stats.dropped_frames += 1
            return
        arriving = self._faults.damage(data, self._rng)
        if arriving is not data:
            self._stats.damaged_frames += 1
        begin_s = max(at_s, self.free_s) + self._faults.stall_s(self._rng)
        self.free_s = begin_s + self.seconds(len(data))
        self._queue.append(Sent(self.free_s, arriving, is_notice and arriving is data))

    def pop(self, at_s: float) -> list[Sent]:
        """Return the frames that have left by `at_s`."""
        left = []
        while self._queue and self._queue[0].at_s <= at_s:
            left.append(self._queue.popleft())
        return left

    def clear(self) -> None:
        """Drop what has not left: the power went."""
        self._queue.clear()
        self.free_s = float("-inf")
