"""An evacuation: all leave by the nearest exit at one time, many with a device in hand."""

from __future__ import annotations

import random

from simulator.people.classes import GAP_S
from simulator.people.itinerary import Leave
from simulator.people.roster import Roster
from simulator.people.timetable import Lesson

EVERY_LESSONS = 3  # the first one in the second lesson
IN_USE_SHARE = 0.8  # of a cart's devices, when the alarm sounds
CARRIED_SHARE = 0.6  # of those in use, out of the building; the others lie on the tables
ALARM = (0.3, 0.4)  # of a lesson
OUT_S = (480.0, 900.0)
NOTICE_S = 900.0  # before an announced drill it is entered into the calendar
HURRY = 0.7


class Drill:
    """Every third lesson is broken by an alarm; every second drill stands in the calendar."""

    def __init__(self) -> None:
        self._lessons = 0

    def lesson(self, roster: Roster, rng: random.Random, lesson: Lesson) -> None:
        """Take devices into use, evacuate in a lesson with a drill, and put them back."""
        self._lessons += 1
        alarm_s = lesson.start_s + rng.uniform(*ALARM) * lesson.length_s
        is_drill = self._lessons % EVERY_LESSONS == 2
        is_announced = is_drill and self._lessons // EVERY_LESSONS % 2 == 1
        back_s = alarm_s + rng.uniform(*OUT_S)
        if is_announced:
            everything = tuple(range(len(roster.room)))
            entered_s = max(lesson.start_s, alarm_s - NOTICE_S)
            roster.told.append(Leave(everything, entered_s, entered_s, lesson.end_s, calendar=True))
        classes: dict[str, list[int]] = {}
        for device in _take_into_use(roster, rng, lesson):
            if is_drill and rng.random() < CARRIED_SHARE:
                classes.setdefault(roster.room[device], []).append(device)
            else:
                roster.dock(device, lesson.end_s - rng.uniform(10.0, 120.0))
        for room, line in classes.items():
            outside = roster.building.outside_of(room)
            if outside is None:
                continue
            rng.shuffle(line)
            ready_s = alarm_s + rng.uniform(5.0, 25.0)
            for place, device in enumerate(line):
                roster.walk(device, outside, ready_s + place * GAP_S, HURRY)
            for place, device in enumerate(line):
                roster.come_back(device, back_s + ready_s - alarm_s + place * GAP_S)


def _take_into_use(roster: Roster, rng: random.Random, lesson: Lesson) -> list[int]:
    """Empty the carts at a lesson's start; return what is in use in the rooms."""
    in_use = []
    for device, cart in enumerate(roster.cart):
        if roster.free_at_s[device] > lesson.start_s or roster.is_outside(device):
            continue
        if cart is None:
            in_use.append(device)
        elif rng.random() < IN_USE_SHARE:
            roster.undock(device, lesson.start_s + rng.uniform(5.0, 90.0))
            in_use.append(device)
    return in_use
