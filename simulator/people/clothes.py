"""Foreign tags in what people wear: they go where devices go, sit near doors, and take air time."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import msgspec

from simulator.people.itinerary import APPROACH_M, Carrying, Happening, Walk
from simulator.people.tags import FOREIGN_EACH, Tags

WORN = (0, 0, 0, 0, 0, 1, 1, 1, 2, 3)  # tags of one in ten people each; labels sewn in
ALONGSIDE_SHARE = 0.5  # of walks with a device: another person goes along who carries none
ALONGSIDE_S = 4.0  # before or after
SKIN_DB = (3.0, 8.0)  # one way, for a label that lies on the body
SEAT_M = (1.2, 3.5)  # from a door's plane to whoever sits near it
SEATS_A_DOOR = 2


class Clothes:
    """Puts foreign tags on whoever walks, and on people who sit near doors."""

    def __init__(self, tags: Tags, rooms_of: dict[str, tuple[str, str]], seed: int) -> None:
        self._first = len(tags.epcs)
        self._people = tags.foreign // FOREIGN_EACH
        self._rooms_of = rooms_of
        self._rng = random.Random(f"clothes {seed}")
        self._worn = [self._rng.choice(WORN) for _ in range(self._people)]

    def worn(self, told: Sequence[Happening], from_s: float, until_s: float) -> list[Walk]:
        """Return what foreign tags do while `told` happens, between two times."""
        walks = []
        for walk in told:
            if not isinstance(walk, Walk) or walk.laid_down or walk.device >= self._people:
                continue
            walks += self._dress(walk, walk.device)
            if self._rng.random() < ALONGSIDE_SHARE:
                apart_s = self._rng.uniform(-ALONGSIDE_S, ALONGSIDE_S)
                at_s = max(walk.at_s + apart_s, from_s + (walk.at_s - walk.begin_s))
                other = msgspec.structs.replace(walk, at_s=at_s, lane_m=-walk.lane_m)
                walks += self._dress(other, self._rng.randrange(self._people))
        if math.isfinite(until_s):
            walks += self._sit(from_s, until_s)
        return walks

    def _dress(self, walk: Walk, person: int) -> list[Walk]:
        first = self._first + person * FOREIGN_EACH
        return [
            msgspec.structs.replace(walk, device=first + place, carrying=self._on_body())
            for place in range(self._worn[person])
        ]

    def _sit(self, from_s: float, until_s: float) -> list[Walk]:
        rng = self._rng
        walks = []
        for doorway, rooms in self._rooms_of.items():
            for _ in range(SEATS_A_DOOR):
                room = rng.choice(rooms)
                length_s = (until_s - from_s) * rng.uniform(0.3, 1.0)
                speed_m_s = 1.2
                pause_s = length_s - 2 * APPROACH_M / speed_m_s
                if pause_s <= 0:
                    continue
                seat = Walk(
                    device=0,
                    doorway=doorway,
                    kind="turn",
                    from_room=room,
                    to_room=room,
                    at_s=rng.uniform(from_s + length_s / 2, until_s - length_s / 2),
                    speed_m_s=speed_m_s,
                    lane_m=rng.uniform(-2.0, 2.0),
                    carrying=self._on_body(),
                    reach_m=-rng.uniform(*SEAT_M),
                    pause_s=pause_s,
                )
                walks += self._dress(seat, rng.randrange(self._people))
        return walks

    def _on_body(self) -> Carrying:
        rng = self._rng
        tilt_db = -20 * math.log10(math.cos(math.radians(rng.uniform(0.0, 72.0))))
        return Carrying(
            tilt_db + rng.uniform(*SKIN_DB), rng.uniform(8.0, 14.0), on_back=rng.random() < 0.5
        )
