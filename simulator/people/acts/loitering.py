"""People who stand in doorways or turn round in them, and bags left beside a door for hours."""

from __future__ import annotations

import random

from simulator.people.roster import Roster
from simulator.people.timetable import Lesson
from simulator.people.walking import Linger

OUT_OF_EACH_CART = 8  # devices a lesson
BAGS_A_LESSON = 3
BAG_S = (1200.0, 3 * 3600.0)
BESIDE_M = (0.6, 1.6)  # a bag from the door's centre line: beside the frame
BEFORE_M = (0.2, 1.8)  # and from its plane
STAND_S = (8.0, 150.0)
ON_THE_WAY_S = (5.0, 45.0)  # standing before one goes on through
ON_THE_WAY_M = (0.3, 1.2)
IN_HALL_SHARE = 0.3  # of bags: left outside the room's door


class Loiter:
    """In each lesson some devices are carried to a door and linger there."""

    def lesson(self, roster: Roster, rng: random.Random, lesson: Lesson) -> None:
        """Leave bags, then stand, turn or go through slowly with what was taken out of carts."""
        free = [
            i
            for i, cart in enumerate(roster.cart)
            if cart is None and roster.free_at_s[i] <= lesson.start_s and not roster.is_outside(i)
        ]
        for device in rng.sample(free, min(BAGS_A_LESSON, len(free))):
            _leave_bag(roster, rng, device, lesson.start_s + rng.uniform(5.0, 300.0))
            free.remove(device)
        for cart in roster.building.school.carts:
            inside = [
                i
                for i, own in enumerate(roster.cart)
                if own == cart and roster.docked[i] and roster.free_at_s[i] <= lesson.start_s
            ]
            free += rng.sample(inside, min(OUT_OF_EACH_CART, len(inside)))
        for device in free:
            roster.undock(device, lesson.start_s + rng.uniform(5.0, 60.0))
            _linger(roster, rng, device, lesson)
            roster.dock(device, roster.free_at_s[device] + rng.uniform(3.0, 30.0))


def _leave_bag(roster: Roster, rng: random.Random, device: int, leave_s: float) -> None:
    """Put a device down beside a door of its room, or outside it, and fetch it hours later."""
    home, doors = roster.room[device], roster.building.doors(roster.room[device])
    if not doors:
        return
    doorway = rng.choice(doors)
    in_hall = rng.random() < IN_HALL_SHARE
    if in_hall:
        other = roster.building.beyond(doorway, home)
        if roster.building.school.is_outside(other):
            return
        leave_s = roster.walk(device, other, leave_s)
    side = rng.choice((-1.0, 1.0))
    back_s = roster.turn_round(
        device,
        leave_s,
        doorway=doorway,
        reach_m=-rng.uniform(*BEFORE_M),
        lane_m=side * rng.uniform(*BESIDE_M),
        pause_s=rng.uniform(*BAG_S),
        laid_down=True,
    )
    if in_hall:
        roster.walk(device, home, back_s)


def _linger(roster: Roster, rng: random.Random, device: int, lesson: Lesson) -> None:
    """Stand in the door and go back, turn round in it, or stand on the way through and back."""
    leave_s = lesson.start_s + rng.uniform(70.0, 0.4 * lesson.length_s)
    drawn = rng.random()
    if drawn < 0.4:
        reach_m = rng.uniform(-0.6, 0.15)
        roster.turn_round(device, leave_s, reach_m=reach_m, pause_s=rng.uniform(*STAND_S))
    elif drawn < 0.7:
        for _ in range(rng.randint(1, 3)):
            leave_s = roster.turn_round(device, leave_s) + rng.uniform(5.0, 60.0)
    else:
        home = roster.room[device]
        rooms = roster.building.errand_rooms(home)
        if not rooms:
            return
        arrived_s = roster.walk(device, rng.choice(rooms), leave_s, linger=_on_the_way(rng))
        stay_s = rng.uniform(60.0, 300.0)
        roster.walk(device, home, arrived_s + stay_s, linger=_on_the_way(rng))


def _on_the_way(rng: random.Random) -> Linger:
    side = rng.choice((-1.0, 1.0))
    return Linger(rng.uniform(*ON_THE_WAY_S), side * rng.uniform(*ON_THE_WAY_M))
