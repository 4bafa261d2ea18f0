"""Where each device is while a day is planned, and the single moves a day is made of."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

from edge.contracts.devices import Device
from simulator.people.building import DOOR_SPACING_M, ROOM_WALK_M, Building
from simulator.people.devices import home_rooms
from simulator.people.itinerary import (
    Dock,
    Happening,
    Leave,
    Placement,
    Undock,
    Walk,
)
from simulator.people.walking import LANE_M, NO_LINGER, WALKING_M_S, Linger, Walking, on_top
from simulator.settings import SimulatorError, SimulatorSettings

OWN_SLOT_SHARE = 0.85  # the others are put where there is room


class Roster:
    """Rooms, carts and slots of all devices, and the happenings told so far.

    Each move of a device begins no earlier than its last one ended (`free_at_s`).
    """

    def __init__(
        self,
        building: Building,
        devices: Sequence[Device],
        settings: SimulatorSettings,
        rng: random.Random,
        start_s: float,
        cart_tags: Mapping[str, int] | None = None,
    ) -> None:
        self.building = building
        self.walking = Walking(building, rng)
        self._rng = rng
        self.told: list[Happening] = []
        carts = building.school.carts
        rooms = home_rooms(building.school, settings)
        self.cart = [d.cart if d.cart in carts else None for d in devices]
        self.home = [_home(building, d, rooms) for d in devices]
        self.room = list(self.home)
        self.docked = [cart is not None for cart in self.cart]
        self.free_at_s = [start_s] * len(devices)
        self.leave: dict[int, Leave] = {}  # open loans
        self.cart_tags = cart_tags or {}
        self.stands = {cart.id: cart.home for cart in carts.values()}
        self._own_slot: list[int] = []
        filled = dict.fromkeys(carts, 0)
        for cart in self.cart:
            self._own_slot.append(filled[cart] if cart else 0)
            if cart:
                filled[cart] += 1
        self._slot = list(self._own_slot)
        self._free_slots = {cart: set(range(filled[cart], carts[cart].capacity)) for cart in carts}

    def placements(self) -> list[Placement]:
        """Where every device is now, and every cart that bears a tag."""
        carts = [Placement(tag, self.stands[cart]) for cart, tag in self.cart_tags.items()]
        devices = [
            Placement(i, self.room[i], self.cart[i], self._slot[i])
            if self.docked[i]
            else Placement(i, self.room[i])
            for i in range(len(self.room))
        ]
        return [*devices, *carts]

    def is_outside(self, device: int) -> bool:
        """Whether a device is out of the building."""
        return self.building.school.is_outside(self.room[device])

    def dock(self, device: int, at_s: float) -> None:
        """Put a device into its cart: into its own slot when that is free, or another one."""
        cart = self.cart[device]
        if cart is None or self.docked[device] or self.room[device] != self.stands[cart]:
            return
        free = self._free_slots[cart]
        own = self._own_slot[device]
        if own in free and (len(free) == 1 or self._rng.random() < OWN_SLOT_SHARE):
            slot = own
        elif free:
            slot = self._rng.choice(sorted(free))
        else:
            return  # a full cart: it stays on the table
        free.discard(slot)
        self._slot[device] = slot
        self.docked[device] = True
        at_s = max(at_s, self.free_at_s[device])
        self.told.append(Dock(device, cart, slot, at_s))
        self.free_at_s[device] = at_s

    def undock(self, device: int, at_s: float) -> None:
        """Take a device out of its cart."""
        cart = self.cart[device]
        if cart is None or not self.docked[device]:
            return
        at_s = max(at_s, self.free_at_s[device])
        self.told.append(Undock(device, cart, at_s))
        self._free_slots[cart].add(self._slot[device])
        self.docked[device] = False
        self.free_at_s[device] = at_s

    def found(self, here: Placement, at_s: float) -> None:
        """Take a device to be where it is found at `at_s`, instead of where it was planned."""
        device, cart = here.device, self.cart[here.device]
        if cart is not None and self.docked[device]:
            self._free_slots[cart].add(self._slot[device])
        self.room[device] = here.room
        self.docked[device] = here.cart is not None and here.cart == cart
        if cart is not None and self.docked[device]:
            self._slot[device] = here.slot
            self._free_slots[cart].discard(here.slot)
        self.free_at_s[device] = at_s

    def hold(self, device: int) -> None:
        """Leave a device where it is until it is `found` again."""
        self.free_at_s[device] = math.inf

    def is_held(self, device: int) -> bool:
        """Whether a device was left where it is."""
        return math.isinf(self.free_at_s[device])

    def walk(
        self,
        device: int,
        to_room: str,
        leave_s: float,
        hurry: float = 0.5,
        *,
        beside: int | None = None,
        linger: Linger = NO_LINGER,
    ) -> float:
        """Carry a device to a room by the shortest way; return when it arrives.

        `hurry` 0..1 chooses from the slow to the fast half of walking speeds; `beside` is carried
        on top of it from the same room; `linger` is at the first door. Where no doorway leads
        there, it stays.
        """
        steps = self.building.route(self.room[device], to_room)
        at_s = max(
            leave_s, self.free_at_s[device], self.free_at_s[device if beside is None else beside]
        )
        if not steps:
            return at_s
        speed = self.walking.speed(hurry)
        carrying = self.walking.carrying()
        at_s += ROOM_WALK_M / speed + (linger.pause_s if linger.at_m < 0 else 0.0)
        way: list[Walk] = []
        for place, step in enumerate(steps):
            if place:
                at_s += linger.pause_s if place == 1 and linger.at_m > 0 else 0.0
                before = steps[place - 1].doorway
                way += self.walking.along(
                    device,
                    step.from_room,
                    before,
                    step.doorway,
                    at_s,
                    speed,
                    self.walking.carrying(),
                )
                at_s += self.building.walk_m(step.from_room, before, step.doorway) / speed
            pause = linger if place == 0 else NO_LINGER
            way.append(self.walking.through(device, step, at_s, speed, carrying, pause))
        at_s += linger.pause_s if len(steps) == 1 and linger.at_m > 0 else 0.0
        for carried in (device,) if beside is None else (device, beside):
            self.room[carried] = to_room
            self.free_at_s[carried] = at_s + ROOM_WALK_M / speed
        self.told += way
        if beside is not None:
            self.told += [on_top(walk, beside) for walk in way]
        return self.free_at_s[device]

    def stroll(self, device: int, leave_s: float, hurry: float = 0.5) -> float:
        """Carry a device along the halls past their doors, and back in; return when it is back."""
        at_s = max(leave_s, self.free_at_s[device])
        tour = self.building.tour(self.room[device])
        if not tour:
            return at_s
        speed = self.walking.speed(hurry)
        carrying = self.walking.carrying()
        at_s += ROOM_WALK_M / speed
        for place, step in enumerate(tour):
            if place:
                at_s += DOOR_SPACING_M / speed
            if step.from_room == step.to_room:
                self.told.append(self.walking.past(device, step, at_s, speed, carrying))
            else:
                self.told.append(self.walking.through(device, step, at_s, speed, carrying))
        self.free_at_s[device] = at_s + ROOM_WALK_M / speed
        return self.free_at_s[device]

    def turn_round(
        self,
        device: int,
        leave_s: float,
        *,
        doorway: str | None = None,
        reach_m: float | None = None,
        pause_s: float | None = None,
        lane_m: float | None = None,
        laid_down: bool = False,
    ) -> float:
        """Carry a device to a door of its room and back in; return when it is back.

        What is not given is drawn: a short turn somewhere about the door's plane.
        """
        rng = self._rng
        doors = self.building.doors(self.room[device]) if doorway is None else [doorway]
        at_s = max(leave_s, self.free_at_s[device])
        if not doors:
            return at_s
        speed = rng.uniform(*WALKING_M_S)
        pause_s = rng.uniform(0.0, 4.0) if pause_s is None else pause_s
        delay_s = ROOM_WALK_M / speed + pause_s / 2
        turn = Walk(
            device=device,
            doorway=rng.choice(doors) if doorway is None else doorway,
            kind="turn",
            from_room=self.room[device],
            to_room=self.room[device],
            at_s=at_s + delay_s,
            speed_m_s=speed,
            lane_m=rng.uniform(-LANE_M, LANE_M) if lane_m is None else lane_m,
            carrying=self.walking.carrying(),
            reach_m=rng.uniform(-0.8, 0.3) if reach_m is None else reach_m,
            pause_s=pause_s,
            laid_down=laid_down,
        )
        self.told.append(turn)
        self.free_at_s[device] = at_s + 2 * delay_s
        return self.free_at_s[device]

    def come_back(self, device: int, leave_s: float) -> None:
        """Carry a device home from outside, enter its return, and put it into its cart."""
        arrived_s = self.walk(device, self.home[device], leave_s)
        self.end_grant(device, arrived_s + self._rng.uniform(2.0, 30.0))
        if self.cart[device] is not None:
            self.dock(device, arrived_s + self._rng.uniform(2.0, 10.0))

    def grant(self, device: int, at_s: float, from_s: float, until_s: float) -> None:
        """Enter a loan, before the device leaves."""
        loan = Leave((device,), at_s, from_s, until_s)
        self.leave[device] = loan
        self.told.append(loan)

    def end_grant(self, device: int, at_s: float) -> None:
        """Enter the return of a loan, if one is open."""
        loan = self.leave.pop(device, None)
        if loan is not None:
            self.told.append(Leave((device,), at_s, loan.from_s, loan.until_s, ended_s=at_s))


def _home(building: Building, device: Device, rooms: list[str]) -> str:
    carts = building.school.carts
    if device.cart in carts:
        return carts[device.cart].home
    if device.home in building.school.rooms:
        return device.home
    if not rooms:
        raise SimulatorError("the school has no room in which devices could live")
    return rooms[0]
