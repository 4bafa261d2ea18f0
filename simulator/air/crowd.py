"""Who is within reach of an antenna in each of its slots, and how well each is heard there.

There are millions of pairs of a tag and a slot in a minute of a school. What holds for a tag as
long as nothing changes is a link; a slot names the links of its tags as a run of neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from simulator.air.chance import Floats

Ints = npt.NDArray[np.int64]

POWERED_BITS = 28  # of a draw decide whether a tag is powered

NO_WALK = -1


@dataclass(frozen=True)
class Links:
    """One item a link: its tag, the place of its walk or NO_WALK, chances, level at the module.

    `powered` is the chance that the tag answers at all, in 2^-28; `decoded` the chance that an
    answer that nobody else talks into is understood.
    """

    device: npt.NDArray[np.int32]
    walk: npt.NDArray[np.int32]
    powered: npt.NDArray[np.uint32]
    decoded: npt.NDArray[np.float32]
    level_dbm: npt.NDArray[np.float32]

    @classmethod
    def made(
        cls, device: Ints, walk: Ints, powered: Floats, decoded: Floats, level_dbm: Floats
    ) -> Links:
        """Make links of chances from 0 to 1; arrays of one length."""
        return cls(
            device.astype(np.int32),
            walk.astype(np.int32),
            np.ceil(powered * (1 << POWERED_BITS)).astype(np.uint32),
            decoded.astype(np.float32),
            level_dbm.astype(np.float32),
        )

    @classmethod
    def none(cls) -> Links:
        """Return no links."""
        ints, floats = np.zeros(0, np.int64), np.zeros(0)
        return cls.made(ints, ints, floats, floats, floats)

    @classmethod
    def joined(cls, parts: Sequence[Links]) -> Links:
        """Return all links of at least one part, part after part."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def picked(self, which: Ints) -> Links:
        """Return some links."""
        return Links(*(getattr(self, field.name)[which] for field in fields(self)))

    def __len__(self) -> int:
        return len(self.device)


@dataclass(frozen=True)
class Crowd:
    """The tags of slot `slot[i]` are links `first[i]` up to `first[i] + count[i] - 1`.

    `away`, where given, says which of them (row: place among the slot's tags; column: slot) are
    not there after all.
    """

    slot: Ints
    first: Ints
    count: Ints
    away: npt.NDArray[np.bool_] | None = None

    def part(self, which: slice) -> Crowd:
        """Return some of the slots."""
        away = None if self.away is None else self.away[:, which]
        return Crowd(self.slot[which], self.first[which], self.count[which], away)

    def powered(self, links: Links) -> npt.NDArray[np.uint32]:
        """Return the chance of each tag (row) in each slot (column), 0 where there is none."""
        most = int(self.count.max(initial=0))
        place = np.arange(most)[:, None]
        chance: npt.NDArray[np.uint32] = links.powered.take(self.first + place, mode="clip")
        if self.count.min(initial=most) < most:
            chance[place >= self.count] = 0
        if self.away is not None:
            chance[self.away[: len(chance)]] = 0
        return chance
