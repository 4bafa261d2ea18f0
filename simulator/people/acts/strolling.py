"""People who walk along the halls, past many doors, and into no room but the one they came from."""

from __future__ import annotations

import random

from simulator.people.roster import Roster
from simulator.people.timetable import Lesson

STROLLS_A_LESSON = 24
HURRY = (0.1, 0.9)


class Stroll:
    """In each lesson devices are carried along the halls to the farthest door and back."""

    def lesson(self, roster: Roster, rng: random.Random, lesson: Lesson) -> None:
        """Take free devices, out of carts too, along the halls and back to where they were."""
        free = [
            i
            for i in range(len(roster.room))
            if roster.free_at_s[i] <= lesson.start_s and not roster.is_outside(i)
        ]
        for device in rng.sample(free, min(STROLLS_A_LESSON, len(free))):
            leave_s = lesson.start_s + rng.uniform(30.0, 0.7 * lesson.length_s)
            roster.undock(device, leave_s)
            back_s = roster.stroll(device, leave_s + 2.0, rng.uniform(*HURRY))
            roster.dock(device, back_s + rng.uniform(3.0, 30.0))
