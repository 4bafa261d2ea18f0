"""The slots of a stretch: which of them each antenna has, and when they begin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.air.antennas import Antennas
from simulator.air.chance import Floats
from simulator.air.crowd import Ints


@dataclass(frozen=True)
class Turns:
    """By antenna: when its first slot begins, from one to the next, and how many there are."""

    first_ms: Ints
    turns_ms: Ints
    slots: Ints

    @classmethod
    def of(cls, antennas: Antennas, begin_ms: int, end_ms: int) -> Turns:
        """Return the slots that begin in a stretch."""
        first = -(-(begin_ms - antennas.first_ms) // antennas.turns_ms)  # its number
        first_ms = antennas.first_ms + first * antennas.turns_ms
        slots = np.maximum(-(-(end_ms - first_ms) // antennas.turns_ms), 0)
        return cls(first_ms, antennas.turns_ms, slots)

    @property
    def widest(self) -> int:
        """The most slots that an antenna has."""
        return int(self.slots.max(initial=0))

    def number(self, antenna: Ints, place: Ints) -> Ints:
        """Number the slots of all antennas through, as if all had as many."""
        return antenna * self.widest + place

    def begin_ms(self, antenna: Ints, place: Ints) -> Ints:
        """Return when slots begin."""
        begin_ms: Ints = self.first_ms[antenna] + place * self.turns_ms[antenna]
        return begin_ms

    def between(self, from_ms: Floats, until_ms: Floats, antenna: Ints) -> tuple[Ints, Ints]:
        """Return (which, place): the slots of `antenna[which]` that begin within each time."""
        turns_ms, slots = self.turns_ms[antenna], self.slots[antenna]
        low = np.ceil((from_ms - self.first_ms[antenna]) / turns_ms)
        high = np.ceil((until_ms - self.first_ms[antenna]) / turns_ms)
        low = np.clip(low, 0, slots).astype(np.int64)
        high = np.clip(high, 0, slots).astype(np.int64)
        count = np.maximum(high - low, 0)
        which = np.repeat(np.arange(len(antenna)), count)
        place = np.arange(len(which)) - (np.cumsum(count) - count - low)[which]
        return which, place
