"""All classes change rooms at each bell: thirty devices through one door in forty seconds."""

from __future__ import annotations

import random

from simulator.people.classes import GAP_S
from simulator.people.roster import Roster
from simulator.people.timetable import Lesson

TAKE_S = 90.0  # to empty a cart in the morning, or to fill it in the evening
READY_S = 3.0  # from the bell to the first through the door
PAIR_SHARE = 0.1  # pupils who carry a second device on top of their own
HURRY = 0.5


class Rush:
    """Classes keep their devices all day and go round the rooms, each bell to the next one."""

    def __init__(self) -> None:
        self._bells = 0

    def lesson(self, roster: Roster, rng: random.Random, lesson: Lesson) -> None:
        """Empty the carts, change rooms at the bell, or go back and fill them after the last."""
        classes: dict[str, list[int]] = {}
        for device, home in enumerate(roster.home):
            if not roster.is_outside(device):
                classes.setdefault(home, []).append(device)
                roster.undock(device, lesson.start_s + rng.uniform(0.0, TAKE_S))
        rooms = _rooms(roster, list(classes))
        self._bells = 0 if lesson.ends_day else self._bells + 1
        for number, (home, devices) in enumerate(classes.items()):
            to_room = rooms[(number + self._bells) % len(rooms)] if self._bells else home
            arrived_s = _go(roster, rng, devices, to_room, lesson.end_s + READY_S)
            if lesson.ends_day:
                for device in devices:
                    roster.dock(device, arrived_s + rng.uniform(0.0, TAKE_S))


def _rooms(roster: Roster, homes: list[str]) -> list[str]:
    """Return the rooms to go round: those of the classes, and others where one can work."""
    others = [room for room in roster.building.neighbours(homes[0]) if room not in homes]
    return [*homes, *others] if homes else []


def _go(
    roster: Roster, rng: random.Random, devices: list[int], to_room: str, from_s: float
) -> float:
    """Walk a class to a room in a line; return when the last is there."""
    line = list(devices)
    rng.shuffle(line)
    arrived_s = from_s
    place = 0
    while line:
        first = line.pop()
        with_room = [i for i in line if roster.room[i] == roster.room[first]]
        beside = with_room[-1] if with_room and rng.random() < PAIR_SHARE else None
        if beside is not None:
            line.remove(beside)
        leave_s = from_s + place * GAP_S + rng.uniform(0.0, GAP_S)
        arrived_s = max(arrived_s, roster.walk(first, to_room, leave_s, HURRY, beside=beside))
        place += 1 if beside is None else 2
    return arrived_s
