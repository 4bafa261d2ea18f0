"""How often each antenna has looked: rounds and time on the air between a gateway's batches."""

from __future__ import annotations

import numpy as np

from simulator.air.antennas import SLOT_MS, Antennas
from simulator.air.radio import Stretch
from simulator.coalescer.shapes import Ints


class Looks:
    """Counts rounds and slots of each antenna; takes one stretch after another."""

    def __init__(self, antennas: Antennas) -> None:
        self._antennas = antennas
        count = len(antennas.all)
        self._numbers = [antenna.number for antenna in antennas.all]
        self._by_gateway = np.argsort(antennas.gateway, kind="stable")
        self._size = np.bincount(antennas.gateway, minlength=len(antennas.gateways))
        self._first = np.cumsum(self._size) - self._size  # in _by_gateway
        self._on_air_ms = antennas.usable_ms.astype(np.int64)
        # rounds (first row) and slots of each antenna: up to the stretch, in it before each of its
        # slots, and up to the last batch
        self._before = np.zeros((2, count), np.int64)
        self._here = np.zeros((2, count, 1), np.int64)
        self._told = np.zeros((2, count), np.int64)
        self._first_ms = np.zeros(count, np.int64)
        self._slots = np.zeros(count, np.int64)

    def begin(self, stretch: Stretch) -> None:
        """Go on with the next stretch."""
        every = np.arange(len(self._slots))
        self._before += self._here[:, every, self._slots]
        rounds = stretch.rounds
        # a slot without a round was none: the antenna was off the air
        self._here = np.zeros((2, len(rounds), rounds.shape[1] + 1), np.int64)
        np.cumsum(rounds, axis=1, out=self._here[0, :, 1:])
        np.cumsum(rounds > 0, axis=1, out=self._here[1, :, 1:])
        self._first_ms, self._slots = stretch.first_ms, stretch.slots

    def since(self, gateway: Ints, at_ms: Ints) -> list[dict[int, tuple[int, int]]]:
        """Return rounds and ms on air, by antenna number, from a gateway's last batch to this one.

        An item a batch; those of one gateway in order of time, none before the stretch.
        """
        order = np.argsort(gateway, kind="stable")
        size = self._size[gateway[order]]
        batch = np.repeat(order, size)
        nth = np.arange(len(batch)) - np.repeat(np.cumsum(size) - size, size)
        antenna = self._by_gateway[self._first[gateway[batch]] + nth]
        total = self._until(antenna, at_ms[batch])
        by_antenna = np.argsort(antenna, kind="stable")
        total, antenna = total[:, by_antenna], antenna[by_antenna]
        is_first = np.append(True, antenna[1:] != antenna[:-1])[: len(antenna)]
        last = np.append(is_first[1:], True)[: len(antenna)]
        before = np.roll(total, 1, axis=1)
        before[:, is_first] = self._told[:, antenna[is_first]]
        self._told[:, antenna[last]] = total[:, last]
        looks: list[dict[int, tuple[int, int]]] = [{} for _ in gateway]
        rounds, slots = total - before
        for at, number, *look in zip(
            batch[by_antenna].tolist(),
            (self._numbers[index] for index in antenna.tolist()),
            rounds.tolist(),
            (slots * self._on_air_ms[antenna]).tolist(),
            strict=True,
        ):
            looks[at][number] = (look[0], look[1])
        return looks

    def _until(self, antenna: Ints, at_ms: Ints) -> Ints:
        """Return rounds and slots that were over by some times, from the log's start."""
        over_ms = at_ms - SLOT_MS - self._first_ms[antenna]
        here = np.clip(over_ms // self._antennas.turns_ms[antenna] + 1, 0, self._slots[antenna])
        total: Ints = self._before[:, antenna] + self._here[:, antenna, here]
        return total
