"""Devices carried out of the building, nearly all without leave, in every way one can do that."""

from __future__ import annotations

import random

from simulator.people.roster import Roster
from simulator.people.timetable import Lesson
from simulator.people.walking import NO_LINGER, Linger

TAKEN_SHARE = 0.6  # of the devices at hand, in a lesson
PAIR_SHARE = 0.15  # taken two at a time
PERMITTED_SHARE = 0.1
SNATCH_SHARE = 0.3  # at the fastest walk
HESITATE_SHARE = 0.15  # stand at the first door on the way
DECOY_SHARE = 0.1  # go as far as the exit, and back in
BACK_S = (120.0, 900.0)  # until it is found and brought back in, so that it can be taken again
LOAN_S = 3600.0
AGAIN_S = (20.0, 200.0)  # from being back in to being taken the next time


class Take:
    """In each lesson most devices leave the building at some time, and come back.

    Each is taken up to `times` a lesson, and brought back `back_s` after it was gone.
    """

    def __init__(self, times: int = 1, back_s: tuple[float, float] = BACK_S) -> None:
        self._times, self._back_s = times, back_s

    def lesson(self, roster: Roster, rng: random.Random, lesson: Lesson) -> None:
        """Take free devices, out of carts too; a few have leave, a few turn at the exit."""
        free = [
            i
            for i in range(len(roster.room))
            if roster.free_at_s[i] <= lesson.start_s and not roster.is_outside(i)
        ]
        taken = rng.sample(free, round(TAKEN_SHARE * len(free)))
        while taken:
            device = taken.pop()
            leave_s = lesson.start_s + rng.uniform(0.02, 0.55) * lesson.length_s
            if rng.random() < DECOY_SHARE:
                _decoy(roster, rng, device, leave_s)
                continue
            beside = None
            same = [i for i in taken if roster.room[i] == roster.room[device]]
            if same and rng.random() < PAIR_SHARE:
                beside = rng.choice(same)
                taken.remove(beside)
            devices = [device] if beside is None else [device, beside]
            self._take(roster, rng, devices, leave_s, lesson.start_s)
            for _ in range(self._times - 1):
                back_s = max(roster.free_at_s[taken] for taken in devices)
                leave_s = back_s + rng.uniform(*AGAIN_S)
                if leave_s > lesson.end_s:
                    break
                self._take(roster, rng, devices, leave_s, lesson.start_s)

    def _take(
        self,
        roster: Roster,
        rng: random.Random,
        devices: list[int],
        leave_s: float,
        begin_s: float,
    ) -> None:
        outside = roster.building.outside_of(roster.room[devices[0]])
        if outside is None:
            return
        hurry = 1.0 if rng.random() < SNATCH_SHARE else rng.uniform(0.0, 0.8)
        linger = NO_LINGER
        if rng.random() < HESITATE_SHARE:
            linger = Linger(rng.uniform(3.0, 20.0), -rng.uniform(0.3, 1.2))
        is_permitted = rng.random() < PERMITTED_SHARE
        for device in devices:
            if is_permitted:
                entered_s = max(begin_s, leave_s - rng.uniform(1.0, 30.0))
                roster.grant(device, entered_s, entered_s, leave_s + LOAN_S)
            roster.undock(device, leave_s - 1.0)
        beside = devices[1] if len(devices) > 1 else None
        gone_s = roster.walk(devices[0], outside, leave_s, hurry, beside=beside, linger=linger)
        for device in devices:
            roster.come_back(device, gone_s + rng.uniform(*self._back_s))


def _decoy(roster: Roster, rng: random.Random, device: int, leave_s: float) -> None:
    """Carry a device to an exit, turn there, and bring it back."""
    home = roster.room[device]
    outside = roster.building.outside_of(home)
    way_out = roster.building.route(home, outside) if outside is not None else None
    if not way_out:
        return
    roster.undock(device, leave_s - 1.0)
    arrived_s = roster.walk(device, way_out[-1].from_room, leave_s)
    back_s = roster.turn_round(device, arrived_s, doorway=way_out[-1].doorway)
    arrived_s = roster.walk(device, home, back_s)
    roster.dock(device, arrived_s + rng.uniform(2.0, 10.0))
