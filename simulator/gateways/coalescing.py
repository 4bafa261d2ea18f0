"""Fits the radio to the coalescer: one looks array of milliseconds on air from the slots made."""

from __future__ import annotations

import numpy as np

from simulator.air.antennas import Antennas
from simulator.air.radio import Stretch
from simulator.coalescer import RawReads, Records, VectorCoalescer
from simulator.coalescer.shapes import TICK_MS


class Coalescing:
    """The coalescers of all gateways of a school, and their filter before them.

    Of the tags on the air the first `tags` are the school's; the filter drops the others.
    """

    def __init__(self, antennas: Antennas, tags: int) -> None:
        self._antennas = antennas
        self._most = max((a.turns for a in antennas.all), default=1)
        self._coalescer = VectorCoalescer(len(antennas.gateways), self._most, tags)
        self._tags = tags
        self._tick = 0

    def forget(self, gateway: str) -> None:
        """Begin anew at one gateway, as after a reboot: what it held is lost."""
        self._coalescer.forget(self._antennas.gateways.index(gateway))

    def step(self, reads: RawReads, stretch: Stretch, until_ms: int) -> Records:
        """Take a stretch's reads and slots; return the records sent in it."""
        on = self._antennas
        ticks = until_ms // TICK_MS - self._tick
        antenna, place = np.nonzero(stretch.rounds)  # a slot without a round was none
        is_made = place < stretch.slots[antenna]
        antenna, place = antenna[is_made], place[is_made]
        tick = (stretch.first_ms[antenna] + place * on.turns_ms[antenna]) // TICK_MS - self._tick
        shape = (ticks, len(on.gateways), self._most)
        cell = (tick * shape[1] + on.gateway[antenna]) * shape[2] + on.number[antenna]
        air = np.bincount(cell, on.usable_ms[antenna], minlength=ticks * shape[1] * shape[2])
        self._tick += ticks
        air_ms = air.astype(np.int64).reshape(shape)
        return self._coalescer.step(_known(reads, self._tags), air_ms, until_ms)


def _known(reads: RawReads, tags: int) -> RawReads:
    known = reads.tag < tags
    if known.all():
        return reads
    return RawReads(*(getattr(reads, name)[known] for name in RawReads.__dataclass_fields__))
