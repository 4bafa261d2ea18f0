"""The lowest power at which ten walks of ten are read, with few walks. Pure.

Whole dBm between `LEAST_DBM` and the power of the school file. Three walks probe a power; the
middle of what is still open comes next, and the first walk that is missed ends a probe. The lowest
power that passed has to be read on seven walks more. A missed walk rules its power and all below
it out; so the search goes up as often as it must, and ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass

LEAST_DBM = 0
PROBE = 3
ENOUGH = 10


@dataclass(frozen=True, slots=True)
class Tried:
    """So many walks at a power, how many of them were read, and how many from every side.

    `silent`: antennas that made no round, so that nothing could be read.
    """

    dbm: int
    walks: int
    read: int
    every_side: int = 0
    silent: tuple[int, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every walk was read."""
        return self.read == self.walks and not self.silent


@dataclass(frozen=True, slots=True)
class Step:
    """Walk so often at this power."""

    dbm: int
    walks: int


@dataclass(frozen=True, slots=True)
class Found:
    """The lowest power read 10 of 10; None: not even the most is."""

    dbm: int | None


def next_step(tried: Sequence[Tried], most_dbm: int) -> Step | Found:
    """Return what to do after all that was tried, up to `most_dbm`."""
    missed = max((one.dbm for one in tried if not one.passed), default=LEAST_DBM - 1)
    if missed >= most_dbm:
        return Found(None)
    passed = {one.dbm for one in tried if one.dbm > missed}
    if not passed:
        # The power in use first: who has an hour for this wants to know whether that is enough.
        return Step(most_dbm if not tried else (missed + 1 + most_dbm) // 2, PROBE)
    lowest = min(passed)
    if lowest - missed > 1:
        return Step((missed + lowest) // 2, PROBE)
    walked = sum(one.walks for one in tried if one.dbm == lowest)
    return Found(lowest) if walked >= ENOUGH else Step(lowest, ENOUGH - walked)
