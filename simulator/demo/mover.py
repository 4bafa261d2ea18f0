"""Carries a device of the running demo where a person says, and tells from where to where."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence

from edge.contracts.devices import Device
from edge.contracts.school import School
from simulator.demo.control import Move, Refused
from simulator.demo.desk import DeskField, blank_tag
from simulator.live import LiveSchool
from simulator.people.hand import carry
from simulator.people.itinerary import Placement, Walk

OUTSIDE = "outside"
BLANK = "blank"  # a tag that is no device's yet, for a desk


class Mover:
    """Moves the devices of a live school, one at a request."""

    def __init__(
        self,
        live: LiveSchool,
        school: School,
        devices: Sequence[Device],
        desks: Mapping[str, DeskField],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._live = live
        self._school = school
        self._devices = devices
        self._desks = desks
        self._blank = blank_tag(random.Random("blank"))
        self._clock = clock

    def move(self, request: Move) -> str:
        """Carry a device through the doorways, from now on; return what was begun.

        Raises:
            Refused: no such device or place, no way there, or it is there.
        """
        desk = self._desk(request.to)
        if request.device.strip().casefold() == BLANK:
            return self._move_blank(desk)
        device = self._device(request.device)
        roster = self._live.day.roster
        at_s = self._clock()
        here, from_s = self._live.standing(device, at_s)
        to = request.to if desk is None else self._school.desks[desk].room
        room, cart = self._place(to, here.room)
        there = (here.room, here.cart) == (room, cart)
        if not there and roster.building.route(here.room, room) is None:
            raise Refused(f"no doorway leads from {self._named(here)} to {self._room(room)}")
        lay = [on.take_off(self._live.tags[device]) for on in self._desks.values()]
        if there and desk is not None:
            return self._lay(desk, device, from_s)
        if there and any(lay):
            return f"{self._called(device)}: off the desk, in {self._named(here)}"
        if there:
            raise Refused(f"{self._called(device)} is in {self._named(here)} already")
        carried = carry(roster, here, from_s, room, cart, self._spare_slot(cart))
        self._live.tell_instead(device, carried.happenings, at_s)
        wait_s = carried.there_s - self._live.advance(at_s)
        doors = [
            walk.doorway
            for walk in carried.happenings
            if isinstance(walk, Walk) and walk.kind == "through"
        ]
        way = f" through {', '.join(doors)}" if doors else ""
        if desk is not None:
            self._desks[desk].lay(self._live.tags[device], at_s + wait_s)
        end = self._named(carried.end) if desk is None else self._desk_name(desk)
        return (
            f"{self._called(device)}: from {self._named(here)} to {end}{way}, "
            f"there in {wait_s:.0f} s"
        )

    def _lay(self, desk: str, device: int, from_s: float) -> str:
        at_s = self._clock()
        wait_s = max(0.0, from_s - self._live.advance(at_s))
        self._desks[desk].lay(self._live.tags[device], at_s + wait_s)
        return f"{self._called(device)}: on {self._desk_name(desk)} in {wait_s:.0f} s"

    def _move_blank(self, desk: str | None) -> str:
        """Lay a tag fresh from the factory on a desk, or take away what lay there."""
        lay = [on.take_off(self._blank) for on in self._desks.values()]
        if desk is None:
            if not any(lay):
                raise Refused("the blank tag lies on no desk; a desk is where it can be laid")
            return "the blank tag is taken away"
        self._blank = blank_tag(random.Random(f"blank {self._clock()}"))
        self._desks[desk].lay(self._blank, self._clock())
        return f"a blank tag: on {self._desk_name(desk)}"

    def _desk(self, text: str) -> str | None:
        wanted = text.strip().casefold()
        desks = self._school.desks.values()
        return next((d.id for d in desks if wanted in (d.id, d.name.casefold())), None)

    def _desk_name(self, desk: str) -> str:
        return self._school.desks[desk].name or desk

    def _device(self, text: str) -> int:
        """Find a device by EPC, asset tag, number, or CART/NUMBER."""
        wanted = text.strip().casefold()
        cart, _, number = wanted.rpartition("/")
        found = [
            place
            for place, device in enumerate(self._devices)
            if wanted in (device.epc.casefold(), (device.asset_tag or "").casefold())
            or (
                number == (device.number or "").casefold()
                and (
                    not cart or (device.cart is not None and cart in self._cart_names(device.cart))
                )
            )
        ]
        if not wanted or not found:
            raise Refused(f'no device "{text}": give an EPC, an asset tag, or CART/NUMBER')
        if len(found) > 1:
            some = ", ".join(self._short(place) for place in found[:5])
            more = ", ..." if len(found) > 5 else ""
            raise Refused(f'"{text}" is {len(found)} devices; give one of {some}{more}')
        return found[0]

    def _place(self, text: str, here: str) -> tuple[str, str | None]:
        """Return the room named, and the cart where one is."""
        wanted = text.strip().casefold()
        for cart in self._school.carts.values():
            if wanted in self._cart_names(cart.id):
                return cart.home, cart.id
        for room in self._school.rooms.values():
            if wanted in (room.id, room.name.casefold()):
                return room.id, None
        outside = self._live.day.roster.building.outside_of(here)
        if wanted == OUTSIDE and outside is not None:
            return outside, None
        known = ", ".join([*self._school.rooms, *self._school.carts, *self._school.desks])
        raise Refused(f'no room, cart or desk "{text}"; there are {known}')

    def _spare_slot(self, cart: str | None) -> int:
        """Return a place on top of a cart's own slots."""
        if cart is None:
            return 0
        taken = self._live.carts[cart].values()
        return max(self._school.carts[cart].capacity, 1 + max(taken, default=0))

    def _cart_names(self, cart: str) -> tuple[str, str]:
        return cart, self._school.carts[cart].name.casefold()

    def _called(self, device: int) -> str:
        return f"{self._short(device)} ({self._devices[device].epc})"

    def _short(self, device: int) -> str:
        known = self._devices[device]
        in_cart = f"{known.cart}/{known.number}" if known.cart and known.number else None
        return " = ".join(name for name in (known.asset_tag, in_cart) if name) or known.epc

    def _named(self, place: Placement) -> str:
        room = self._room(place.room)
        if place.cart is None:
            return room
        return f"{self._school.carts[place.cart].name or place.cart} in {room}"

    def _room(self, room: str) -> str:
        return self._school.rooms[room].name or room
