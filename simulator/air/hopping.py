"""On which channel a module sends when: the rules of the region it stands in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.contracts.school import Region
from simulator.air.chance import key

Ints = npt.NDArray[np.int64]

CELL_MS = 320  # whoever walks is half a wavelength on by then; no shorter than a hop


@dataclass(frozen=True)
class Hopping:
    """`channels` used by chance, `dwell_ms` each, then `rest_ms` in which nothing may be sent."""

    channels: int
    dwell_ms: int
    rest_ms: int
    seed: int = 0

    def channel(self, module: Ints, at_ms: Ints) -> Ints:
        """Return the channel that each module is on; modules hop by themselves."""
        hop = (at_ms + self._offset_ms(module)) // (self.dwell_ms + self.rest_ms)
        return (key(self.seed, 4, module, hop) % np.uint64(self.channels)).astype(np.int64)

    def rests(self, module: Ints, from_ms: Ints, until_ms: Ints) -> npt.NDArray[np.bool_]:
        """Whether a module must be silent some time between two times, less than a dwell apart."""
        if not self.rest_ms:
            return np.zeros(np.broadcast_shapes(module.shape, from_ms.shape), np.bool_)
        period = self.dwell_ms + self.rest_ms
        begun = (from_ms + self._offset_ms(module)) % period
        silent: npt.NDArray[np.bool_] = begun + (until_ms - from_ms) > self.dwell_ms
        return silent

    def _offset_ms(self, module: Ints) -> Ints | int:
        """Return how far each module is ahead of the others; without rests it shows nowhere."""
        if not self.rest_ms:
            return 0
        period = np.uint64(self.dwell_ms + self.rest_ms)
        return (key(self.seed, 10, module) % period).astype(np.int64)


@dataclass(frozen=True)
class Hops:
    """The channel of each antenna (row) in each cell of a stretch, from cell `first` on."""

    first: int
    channel: Ints

    def place(self, t_ms: Ints) -> Ints:
        """Return in which column a time is."""
        return t_ms // CELL_MS - self.first

    def channel_at(self, antenna: Ints, t_ms: Ints) -> Ints:
        """Return the channel of each of some antennas at each of some times."""
        channel: Ints = self.channel[antenna, self.place(t_ms)]
        return channel


def hopping_of(region: Region | None, seed: int) -> Hopping:
    """Return a region's rule: ETSI EN 302 208 in Europe, FCC 15.247 elsewhere.

    FCC: 50 channels, modules hop every 0.2-0.4 s. ETSI: four channels, at most 4 s on the air,
    then 100 ms off. Other regions' own rules lie between the two and are not modelled.
    """
    if region == "EU":
        return Hopping(channels=4, dwell_ms=4000, rest_ms=100, seed=seed)
    return Hopping(channels=50, dwell_ms=320, rest_ms=0, seed=seed)
