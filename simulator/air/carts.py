"""The inside of charging carts: how well each antenna reaches each slot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simulator.air.antennas import Antenna
from simulator.air.chance import Floats, key, uniform
from simulator.air.link import (
    CART_DEAD_DB,
    CART_OTHER_SHELF_DB,
    CART_OWN_SHELF_DB,
    CART_SPREAD_DB,
)


class CartRadio:
    """One-way gain from a cart's antennas to its slots, fixed for the life of the cart.

    The `capacity` slots are spread over as many shelves as there are antennas; what is crammed in
    besides lies on the last one. `dead` slots are shaded by metal towards every antenna; they
    count from 1, like the numbers on the cart.
    """

    def __init__(
        self, antennas: list[Antenna], capacity: int, dead: Sequence[int], seed: int
    ) -> None:
        self.antennas = antennas
        self._capacity = capacity
        self._dead = dead
        self._seed = seed
        self._gain_db = self._gains(capacity)

    def gain_db(self, slots: npt.NDArray[np.int64], shelf: int) -> Floats:
        """Return the gain of the antenna on a shelf to each of some slots."""
        most = int(slots.max(initial=0)) + 1
        if most > len(self._gain_db):
            self._gain_db = self._gains(2 * most)
        gain: Floats = self._gain_db[slots, shelf]
        return gain

    def _gains(self, slots: int) -> Floats:
        """Return a row for each slot, a column for each antenna; a slot's is always the same."""
        antennas, count = self.antennas, len(self.antennas)
        shelf = np.minimum(np.arange(slots) * count // self._capacity, count - 1)
        spread = _normal(key(self._seed, np.arange(slots)[:, None], _index(antennas)[None, :]))
        gain_db: Floats = CART_OWN_SHELF_DB + CART_SPREAD_DB * spread
        gain_db += np.where(shelf[:, None] == _shelf(antennas)[None, :], 0, CART_OTHER_SHELF_DB)
        for number in self._dead:
            gain_db[number - 1 : number] += CART_DEAD_DB
        return gain_db


def _index(antennas: list[Antenna]) -> npt.NDArray[np.int64]:
    return np.array([antenna.index for antenna in antennas], np.int64)


def _shelf(antennas: list[Antenna]) -> npt.NDArray[np.int64]:
    return np.array([antenna.shelf for antenna in antennas], np.int64)


def _normal(keys: npt.NDArray[np.uint64]) -> Floats:
    """Return a standard normal draw for each key (sum of 4 uniform ones: tails end at 3.5)."""
    total = sum(uniform(key(keys, part)) for part in range(4))
    draw: Floats = (total - 2.0) * np.sqrt(3.0)
    return draw
