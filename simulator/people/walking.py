"""How a device is carried by a door: the pace, the way it is held, and the path about the door."""

from __future__ import annotations

import math
import random
from typing import NamedTuple

import msgspec

from simulator.people.building import Building, Step
from simulator.people.itinerary import Carrying, Walk

WALKING_M_S = (0.8, 2.0)
LANE_M = 0.3  # from a door's centre line: doors are 0.9 m wide, people half that
STACK_DB = 3.0  # one way, for the lower of two devices that detune each other


class Linger(NamedTuple):
    """Standing on the way through a door, `at_m` behind its plane (negative: before it)."""

    pause_s: float
    at_m: float


NO_LINGER = Linger(0.0, 0.0)


class Walking:
    """Draws single walks at doors; keeps nothing."""

    def __init__(self, building: Building, rng: random.Random) -> None:
        self._building, self._rng = building, rng

    def speed(self, hurry: float) -> float:
        """Draw a pace in m/s; `hurry` 0..1 chooses from the slow to the fast half."""
        slow, fast = WALKING_M_S
        drawn = slow + (fast - slow) * (hurry + self._rng.uniform(-0.3, 0.3))
        return min(fast, max(slow, drawn))

    def carrying(self) -> Carrying:
        """Draw how a device is held: before the chest, under the arm, or in a bag on the back."""
        rng = self._rng
        angle = math.radians(rng.uniform(0.0, 72.0))  # dipole against the wave's plane
        tilt_db = -20 * math.log10(math.cos(angle))
        style = rng.random()
        if style < 0.5:
            return Carrying(tilt_db, rng.uniform(8.0, 14.0))  # torso: 8-15 dB in the literature
        if style < 0.75:
            return Carrying(tilt_db, rng.uniform(3.0, 6.0))  # hand or arm
        return Carrying(tilt_db + 2.0, rng.uniform(8.0, 14.0), on_back=True)

    def through(
        self,
        device: int,
        step: Step,
        at_s: float,
        speed: float,
        carrying: Carrying,
        linger: Linger = NO_LINGER,
    ) -> Walk:
        """Return a walk through a door, at `at_s` in its plane."""
        rng = self._rng
        return Walk(
            device=device,
            doorway=step.doorway,
            kind="through",
            from_room=step.from_room,
            to_room=step.to_room,
            at_s=at_s,
            speed_m_s=speed,
            lane_m=rng.uniform(-LANE_M, LANE_M),
            carrying=carrying,
            bend_from_m=self._bend_m(step.from_room),
            bend_to_m=self._bend_m(step.to_room),
            bend_side=rng.choice((-1.0, 1.0)),
            pause_s=linger.pause_s,
            pause_at_m=linger.at_m,
        )

    def past(self, device: int, step: Step, at_s: float, speed: float, carrying: Carrying) -> Walk:
        """Return a walk along the wall past a door, nearest to it at `at_s`."""
        rng = self._rng
        return Walk(
            device=device,
            doorway=step.doorway,
            kind="past",
            from_room=step.from_room,
            to_room=step.to_room,
            at_s=at_s,
            speed_m_s=speed,
            lane_m=0.0,
            carrying=carrying,
            reach_m=rng.uniform(0.8, 2.2),
            bend_side=rng.choice((-1.0, 1.0)),
        )

    def along(
        self,
        device: int,
        hall: str,
        first: str,
        last: str,
        from_s: float,
        speed: float,
        carrying: Carrying,
    ) -> list[Walk]:
        """Return the walks past the doors that lie between two doors of a hall."""
        passed = self._building.doors_passed(hall, first, last)
        whole_m = self._building.walk_m(hall, first, last)
        return [
            self.past(
                device,
                Step(doorway, hall, hall),
                from_s + whole_m * (place + 1) / (len(passed) + 1) / speed,
                speed,
                carrying,
            )
            for place, doorway in enumerate(passed)
        ]

    def _bend_m(self, room: str) -> float:
        """How far from the wall a path runs straight: halls are narrow, rooms are not."""
        if self._building.school.rooms[room].kind == "hall":
            return self._rng.uniform(0.8, 1.8)
        return self._rng.uniform(1.5, 6.0)


def on_top(walk: Walk, beside: int) -> Walk:
    """Return a walk as it is for a second device carried on top of the first."""
    held = walk.carrying
    stacked = msgspec.structs.replace(held, tilt_db=held.tilt_db + STACK_DB)
    return msgspec.structs.replace(walk, device=beside, carrying=stacked)
