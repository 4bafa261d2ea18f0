"""Readers that jam each other: two gateways on one channel at once, within range, lose answers."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt

from edge.contracts.school import School
from simulator.air.antennas import Antenna, Antennas
from simulator.air.chance import Floats

REACH_DOORS = 2  # along one room: some 12 m of a hall
LOST_SHARE = 0.9  # of the answers that come while the other sends: its commands drown them

Ints = npt.NDArray[np.int64]


class Jamming:
    """Which antennas of doorways can disturb each other, and when they do.

    Two that face the same room and belong to doors near each other disturb each other while their
    modules are on one channel and their turns on the air overlap. Carts are of metal: nobody
    disturbs them, nor they anybody.
    """

    def __init__(self, school: School, antennas: Antennas) -> None:
        pairs = [
            (one.index, other.index, LOST_SHARE * _overlap(one, other))
            for one, other in _near(school, antennas)
        ]
        self._one = np.array([pair[0] for pair in pairs], np.int64)
        self._other = np.array([pair[1] for pair in pairs], np.int64)
        self._kept = 1.0 - np.array([pair[2] for pair in pairs])

    def kept(self, channel: Ints) -> Floats:
        """Return the share of answers not drowned; rows are antennas, `channel` theirs in time."""
        kept = np.ones(channel.shape)
        if not len(self._one):
            return kept
        pair, when = np.nonzero(channel[self._one] == channel[self._other])
        np.multiply.at(kept, (self._one[pair], when), self._kept[pair])
        return kept


def _near(school: School, antennas: Antennas) -> list[tuple[Antenna, Antenna]]:
    """Return all pairs of antennas of different gateways that face one room near each other."""
    facing: dict[str, list[tuple[int, Antenna]]] = defaultdict(list)
    for room in school.rooms:
        doors = [door.id for door in school.doorways.values() if room in door.between]
        for place, door in enumerate(doors):
            for antenna in antennas.of_place.get((False, door), []):
                if school.places[antenna.gateway, antenna.number].side == room:
                    facing[room].append((place, antenna))
    return [
        (one, other)
        for placed in facing.values()
        for at, one in placed
        for other_at, other in placed
        if one.gateway != other.gateway and abs(at - other_at) <= REACH_DOORS
    ]


def _overlap(one: Antenna, other: Antenna) -> float:
    """Return the share of one antenna's time on the air in which the other is on it too."""
    at_ms = np.arange(one.turns * other.turns * 80)
    both = one.is_on_air(at_ms) & other.is_on_air(at_ms)
    return float(both.sum() / one.is_on_air(at_ms).sum())
