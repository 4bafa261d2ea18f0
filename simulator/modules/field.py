"""What an emulated module asks of the world: which tags hear this antenna now, and how well.

The world owns the tags. A `Tag` carries its own memory and its own session flags, so two readers
that reach the same tag share them as they would on the air. A field only answers the question of
physics; who takes part in a round (select, session, target), in which slot, and who collides is
decided by the emulator (`inventory.py`).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.modules.tag import Tag


@dataclass(frozen=True, slots=True)
class TagAnswer:
    """One tag that this antenna powers in one inventory round.

    `rssi_dbm` is the strength at the module's receiver. `heard` is False for a tag that the
    carrier powers (so its flags live on) but whose answer the module would not decode.
    """

    tag: Tag
    rssi_dbm: float
    heard: bool = True


class TagField(Protocol):
    """The tags around one module. A simulated radio implements this; so does `FixedField`."""

    def answer(
        self, antenna: int, at_s: float, power_dbm: float, frequency_mhz: float
    ) -> Sequence[TagAnswer]:
        """Return the tags that `antenna` powers in an inventory round begun at `at_s`.

        Called once for each round (20-200 ms of air time) or tag access, with `at_s` on the
        emulator's monotonic clock and never going back for one module; `power_dbm` is the power
        conducted into the antenna and `frequency_mhz` the channel's centre, for fading that
        differs by channel. The order means nothing: slots are drawn by the emulator. Return the
        same `Tag` object for the same tag always; do not look at its flags, and do not filter by
        EPC, which a host may rewrite. Killed tags may be returned; they stay silent.
        """
        ...


class FixedField:
    """Tags that lie still: the same tags on every antenna, around one level, with small fading.

    Signal follows power: the level holds at `REFERENCE_POWER_DBM` and moves 1 dB per dB
    (forward-limited link). A tag `MARGIN_DB` above `FLOOR_DBM` or more is heard in every round,
    as one that lies before a real antenna is; nearer to the floor in ever fewer, below it in none.
    `read_probability` is a chance on top of that, for tests of what misses rounds.
    """

    REFERENCE_POWER_DBM = 20.0
    FLOOR_DBM = -70.0  # weakest RSSI an R200 front end reports (module reference, tag notice)
    MARGIN_DB = 4.0  # over which a decoder goes from no answers to all of them
    FADING_DB = 1.5  # deviation of a still tag while hopping: 0.5-3.4 dB measured

    def __init__(
        self,
        tags: Iterable[Tag],
        rng: random.Random,
        *,
        level_dbm: float = -55.0,
        read_probability: float = 1.0,
    ) -> None:
        self.tags = list(tags)
        self._rng = rng
        self._read_probability = read_probability
        self._level_dbm = {id(tag): level_dbm + rng.uniform(-6.0, 6.0) for tag in self.tags}

    def answer(
        self, antenna: int, at_s: float, power_dbm: float, frequency_mhz: float
    ) -> Sequence[TagAnswer]:
        gain_db = power_dbm - self.REFERENCE_POWER_DBM
        answers = []
        for tag in self.tags:
            rssi = self._level_dbm[id(tag)] + gain_db + self._rng.gauss(0.0, self.FADING_DB)
            margin = (rssi - self.FLOOR_DBM) / self.MARGIN_DB
            chance = self._read_probability * min(1.0, margin)
            answers.append(TagAnswer(tag, rssi, heard=self._rng.random() < chance))
        return answers


def make_tags(
    count: int,
    rng: random.Random,
    *,
    epcs: Iterable[bytes] = (),
    prefix: str = "3414257BF4",
) -> list[Tag]:
    """Return tags with the given EPCs first, then seeded school-like ones, `count` in all or more.

    Made EPCs are 96 bits: `prefix` (hex) and a random rest. TIDs and flag persistence times are
    drawn from `rng`, S1 from its allowed 0.5-5 s, S2, S3 and SL from 2-20 s.
    """
    wanted = list(epcs)
    head = bytes.fromhex(prefix)
    while len(wanted) < count:
        wanted.append(head + rng.randbytes(12 - len(head)))
    return [
        Tag(
            epc,
            tid=bytes.fromhex("E2806995") + rng.randbytes(8),
            s1_persistence_s=rng.uniform(0.5, 5.0),
            unpowered_persistence_s=rng.uniform(2.0, 20.0),
        )
        for epc in wanted
    ]
