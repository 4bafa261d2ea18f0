"""Carts rolled to another room for a lesson and back, with all that lies in them."""

from __future__ import annotations

import random

import msgspec

from simulator.people.building import ROOM_WALK_M
from simulator.people.itinerary import Carrying, Unplug, Walk
from simulator.people.roster import Roster
from simulator.people.timetable import Lesson

ROLLED_SHARE = 0.6  # of carts, in a lesson
UNPLUGGED_SHARE = 0.3  # of those: no socket in the other room, dark until they are home again
SPEED_M_S = (0.8, 1.2)
PLUG_S = (10.0, 60.0)  # from standing there to being plugged in
METAL_DB = (14.0, 26.0)  # one way, from inside a shut cart to an antenna beside a door
PUSHER_DB = (3.0, 6.0)  # whoever pushes stands behind the cart's own tag, at arm's length
NO_TAG = -1  # of a cart that bears none
USED_SHARE = 0.8  # of a rolled cart's devices, in the other room


class Roll:
    """In each lesson some carts go to a room near by, are used there, and come home."""

    def lesson(self, roster: Roster, rng: random.Random, lesson: Lesson) -> None:
        """Roll carts out after the lesson's start, and home before its end."""
        for cart in roster.building.school.carts.values():
            rooms = roster.building.neighbours(cart.home)[:3]
            if not rooms or rng.random() >= ROLLED_SHARE:
                continue
            goes_dark = rng.random() < UNPLUGGED_SHARE
            leave_s = lesson.start_s + rng.uniform(0.01, 0.05) * lesson.length_s
            back_s = lesson.end_s - 0.15 * lesson.length_s
            begin_s, there_s = _roll(roster, rng, cart.id, rng.choice(rooms), leave_s)
            plugged_s = there_s + rng.uniform(*PLUG_S)
            _use(roster, rng, cart.id, plugged_s, back_s - 60.0)
            home_begin_s, home_s = _roll(roster, rng, cart.id, cart.home, back_s)
            home_plugged_s = home_s + rng.uniform(*PLUG_S)
            if goes_dark:
                dark = [(begin_s, home_plugged_s)]
            else:
                dark = [(begin_s, plugged_s), (home_begin_s, home_plugged_s)]
            tag = roster.cart_tags.get(cart.id, NO_TAG)
            roster.told += [Unplug(tag, cart.gateway, off_s, on_s) for off_s, on_s in dark]
            for device, own in enumerate(roster.cart):
                if own == cart.id:  # strays too: nobody brings one to a cart that is away
                    roster.free_at_s[device] = max(roster.free_at_s[device], home_plugged_s)


def _use(roster: Roster, rng: random.Random, cart: str, from_s: float, until_s: float) -> None:
    """Take devices out where the cart stands, and put them back."""
    for device in _inside(roster, cart):
        if rng.random() < USED_SHARE:
            roster.undock(device, from_s + rng.uniform(2.0, 60.0))
            roster.dock(device, until_s - rng.uniform(0.0, 120.0))


def _roll(
    roster: Roster, rng: random.Random, cart: str, to_room: str, leave_s: float
) -> tuple[float, float]:
    """Push a cart to a room; return when it is unplugged and when it stands there."""
    building = roster.building
    inside = _inside(roster, cart)
    begin_s = at_s = max([leave_s, *(roster.free_at_s[device] for device in inside)])
    speed = rng.uniform(*SPEED_M_S)
    steps = building.route(roster.stands[cart], to_room) or []
    way: list[Walk] = []
    at_s += ROOM_WALK_M / speed
    pushed = Carrying(0.0, 0.0)  # each tag has its own below
    for place, step in enumerate(steps):
        if place:
            before = steps[place - 1].doorway
            way += roster.walking.along(
                NO_TAG, step.from_room, before, step.doorway, at_s, speed, pushed
            )
            at_s += building.walk_m(step.from_room, before, step.doorway) / speed
        way.append(roster.walking.through(NO_TAG, step, at_s, speed, pushed))
    end_s = at_s + ROOM_WALK_M / speed
    if cart in roster.cart_tags:
        held = Carrying(rng.uniform(0.0, 6.0), rng.uniform(*PUSHER_DB))
        tag = roster.cart_tags[cart]
        roster.told += [msgspec.structs.replace(w, device=tag, carrying=held) for w in way]
    for device in inside:
        shut_in = Carrying(rng.uniform(*METAL_DB), 0.0)
        roster.told += [
            msgspec.structs.replace(w, device=device, carrying=shut_in, in_cart=True) for w in way
        ]
        roster.room[device] = to_room if steps else roster.room[device]
        roster.free_at_s[device] = end_s
    roster.stands[cart] = to_room if steps else roster.stands[cart]
    return begin_s, end_s


def _inside(roster: Roster, cart: str) -> list[int]:
    return [i for i, own in enumerate(roster.cart) if own == cart and roster.docked[i]]
