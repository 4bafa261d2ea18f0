"""What one class does with its cart in a lesson, and what pupils do at its end."""

from __future__ import annotations

import random
from itertools import pairwise

from simulator.people.building import ROOM_WALK_M, Building
from simulator.people.roster import Roster
from simulator.people.timetable import Lesson
from simulator.people.walking import WALKING_M_S
from simulator.settings import SimulatorSettings

BRISK_LESSON_S = 300.0  # in the demo's short lessons people do not stroll
BRISK_HURRY = 0.6
BRISK_M_S = 1.16  # the slowest that BRISK_HURRY gives
GAP_S = 1.3  # between two pupils at one door: a class of 30 takes 40 s
TURN_S = 2 * ROOM_WALK_M / WALKING_M_S[0] + 4.0  # a slow walker to the door, and back
SETTLE_S = 2.0  # least time of work in the other room that makes going there worth while


def lesson_of_cart(
    roster: Roster,
    settings: SimulatorSettings,
    rng: random.Random,
    cart: str,
    lesson: Lesson,
) -> None:
    """Take devices out of a cart, use them here or next door, and bring them back in time."""
    at_hand = [
        i
        for i, own in enumerate(roster.cart)
        if own == cart and roster.docked[i] and roster.free_at_s[i] <= lesson.start_s
    ]
    if not at_hand or rng.random() < settings.idle_share:
        return
    length_s = lesson.length_s
    taken = sorted(rng.sample(at_hand, max(1, round(len(at_hand) * rng.uniform(0.6, 1.0)))))
    start_s = lesson.start_s + rng.uniform(0.01, 0.04) * length_s
    take_s = min(90.0, max(6.0, 0.12 * length_s))
    back_s = min(150.0, max(10.0, 0.16 * length_s))
    for device in taken:
        roster.undock(device, start_s + rng.uniform(0.0, take_s))
    taken = [device for device in taken if rng.random() >= settings.forgotten_share]
    away = _away_room(roster.building, roster.building.school.carts[cart].home, rng)
    if away is not None and rng.random() < settings.away_share:
        brisk = length_s < BRISK_LESSON_S
        group_s = min(GAP_S * len(taken), 0.14 * length_s)
        home = roster.building.school.carts[cart].home
        walk_s = _walk_s(roster.building, home, away, BRISK_M_S if brisk else WALKING_M_S[0])
        go_s = start_s + take_s + rng.uniform(1.0, 3.0)
        return_s = lesson.end_s - back_s - group_s - walk_s
        if go_s + group_s + walk_s + SETTLE_S < return_s:
            hurry = BRISK_HURRY if brisk else 0.3
            _go(roster, rng, taken, away, go_s, group_s, hurry)
            _return(roster, rng, taken, return_s, group_s, back_s, hurry)
            return
    _interrupt(roster, settings, rng, taken, start_s + take_s, lesson.end_s - back_s)
    for device in taken:
        roster.dock(device, lesson.end_s - back_s * rng.uniform(0.1, 1.0))


def end_of_lesson(
    roster: Roster, settings: SimulatorSettings, rng: random.Random, lesson: Lesson
) -> None:
    """Let pupils' own devices interrupt the lesson, then change rooms with their class."""
    groups: dict[str, list[int]] = {}
    for device, cart in enumerate(roster.cart):
        if cart is None and not roster.is_outside(device) and not roster.is_held(device):
            groups.setdefault(roster.home[device], []).append(device)
    for home, devices in groups.items():
        free = [i for i in devices if roster.free_at_s[i] <= lesson.start_s]
        _interrupt(roster, settings, rng, free, lesson.start_s + 1.0, lesson.end_s - 2.0)
        if lesson.ends_day:
            continue
        away = _away_room(roster.building, home, rng)
        going_home = any(roster.room[i] != home for i in devices)
        if not going_home and (away is None or rng.random() < settings.staying_share):
            continue
        to_room = home if going_home or away is None else away
        group_s = min(GAP_S * len(devices), 0.4 * (lesson.next_s - lesson.end_s))
        ready = [i for i in devices if roster.free_at_s[i] <= lesson.end_s]
        _go(roster, rng, ready, to_room, lesson.end_s + 1.0, group_s, hurry=0.3)


def _go(
    roster: Roster,
    rng: random.Random,
    devices: list[int],
    to_room: str,
    from_s: float,
    over_s: float,
    hurry: float,
) -> None:
    """Walk a group to a room, one after the other within `over_s`."""
    for device in devices:
        roster.walk(device, to_room, from_s + rng.uniform(0.0, over_s), hurry)


def _return(
    roster: Roster,
    rng: random.Random,
    devices: list[int],
    from_s: float,
    over_s: float,
    back_s: float,
    hurry: float,
) -> None:
    for device in devices:
        leave_s = from_s + rng.uniform(0.0, over_s)
        arrived_s = roster.walk(device, roster.home[device], leave_s, hurry)
        roster.dock(device, arrived_s + rng.uniform(0.1, 0.8) * back_s)


def _interrupt(
    roster: Roster,
    settings: SimulatorSettings,
    rng: random.Random,
    devices: list[int],
    from_s: float,
    until_s: float,
) -> None:
    """Carry a few devices to another room and back, or to the door and back, between two times."""
    for device in devices:
        drawn = rng.random()
        leave_s = from_s + rng.uniform(0.0, 0.5) * max(0.0, until_s - from_s)
        if drawn < settings.errand_share:
            rooms = roster.building.errand_rooms(roster.room[device])
            if not rooms:
                continue
            here, there = roster.room[device], rng.choice(rooms)
            walk_s = _walk_s(roster.building, here, there)
            stay_s = (until_s - leave_s - 2 * walk_s) * rng.uniform(0.2, 0.9)
            if stay_s > SETTLE_S:
                arrived_s = roster.walk(device, there, leave_s)
                roster.walk(device, here, arrived_s + stay_s)
        elif drawn < settings.errand_share + settings.turn_share and until_s - leave_s > TURN_S:
            roster.turn_round(device, leave_s)


def _away_room(building: Building, home: str, rng: random.Random) -> str | None:
    """Return a room near by in which a class can work: mostly the nearest."""
    near = building.neighbours(home)[:3]
    if not near:
        return None
    return near[min(int(rng.expovariate(1.2)), len(near) - 1)]


def _walk_s(
    building: Building, from_room: str, to_room: str, slowest_m_s: float = WALKING_M_S[0]
) -> float:
    """Return the longest a walker takes between two rooms."""
    steps = building.route(from_room, to_room) or []
    metres = 2 * ROOM_WALK_M
    for before, step in pairwise(steps):
        metres += building.walk_m(step.from_room, before.doorway, step.doorway)
    return metres / slowest_m_s
