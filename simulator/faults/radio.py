"""Antennas that hear nothing, modules that rest because they are hot, cables that take too much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simulator.air.antennas import Antennas
from simulator.air.radio import Stretch
from simulator.coalescer.shapes import RawReads
from simulator.faults.windows import Window, Windows


class Deaf:
    """Antennas, by index, whose cable is off at times: they look and look and hear nothing."""

    def __init__(self, antennas: Antennas, when: Mapping[int, Windows]) -> None:
        self._antennas, self._when = antennas, when

    def hear(self, stretch: Stretch, begin_ms: int, end_ms: int) -> Stretch:
        """Take out their reads."""
        for antenna, windows in self._when.items():
            for window in windows.touching(begin_ms, end_ms):
                stretch = _without_reads(stretch, self._antennas, antenna, window)
        return stretch


class Paused:
    """Modules, each the indices of its antennas, that are off the air at times."""

    def __init__(self, antennas: Antennas, when: Sequence[tuple[Sequence[int], Windows]]) -> None:
        self._antennas, self._when = antennas, when

    def hear(self, stretch: Stretch, begin_ms: int, end_ms: int) -> Stretch:
        """Take out their reads and their rounds."""
        for module, windows in self._when:
            for window in windows.touching(begin_ms, end_ms):
                for antenna in module:
                    stretch = off_air(stretch, self._antennas, antenna, window)
        return stretch


def off_air(stretch: Stretch, on: Antennas, antenna: int, window: Window) -> Stretch:
    """Return a stretch in which an antenna neither looks nor hears in a window."""
    silent = _without_reads(stretch, on, antenna, window)
    slot = np.arange(stretch.rounds.shape[1]) * int(on.turns_ms[antenna])
    begin_ms = int(stretch.first_ms[antenna]) + slot
    rounds = stretch.rounds.copy()
    rounds[antenna, (begin_ms >= window[0]) & (begin_ms < window[1])] = 0
    return Stretch(silent.reads, silent.walk, rounds, stretch.first_ms, stretch.slots)


def _without_reads(stretch: Stretch, on: Antennas, antenna: int, window: Window) -> Stretch:
    reads = stretch.reads
    lost = (
        (reads.gateway == on.gateway[antenna])
        & (reads.antenna == on.number[antenna])
        & (reads.at_ms >= window[0])
        & (reads.at_ms < window[1])
    )
    if not lost.any():
        return stretch
    kept = RawReads(*(getattr(reads, name)[~lost] for name in RawReads.__dataclass_fields__))
    return Stretch(kept, stretch.walk[~lost], stretch.rounds, stretch.first_ms, stretch.slots)
