"""One device moved by hand in the middle of a day, whatever was planned for it."""

from __future__ import annotations

from typing import NamedTuple

from simulator.people.itinerary import Dock, Happening, Placement, Undock
from simulator.people.roster import Roster

TAKE_S = 1.0  # from lifting a device out of its cart to setting off
PUT_S = 3.0  # from reaching a cart to having put it in


class Carried(NamedTuple):
    """What comes of a move: what to tell, where the device will be, and when it is there."""

    happenings: list[Happening]
    end: Placement
    there_s: float


def carry(
    roster: Roster, here: Placement, from_s: float, to_room: str, to_cart: str | None, spare: int
) -> Carried:
    """Carry a device to a room, or into a cart that stands in it, from `from_s` on.

    `here` is where it really is; the plan that `roster` had for it is forgotten. A cart that is
    not its own takes it in slot `spare`. Back where it lives it is the day's again; anywhere else
    it stays until it is moved again. The rooms are connected: ask `Building.route` before.
    """
    device, own_cart = here.device, roster.cart[here.device]
    roster.found(here, from_s)
    if here.cart is not None:
        if here.cart == own_cart:
            roster.undock(device, from_s)
        else:
            roster.told.append(Undock(device, here.cart, from_s))
        from_s += TAKE_S
    there_s = roster.walk(device, to_room, from_s)
    end = Placement(device, to_room)
    if to_cart is not None:
        there_s += PUT_S
        if to_cart == own_cart:
            roster.dock(device, there_s)
            if roster.docked[device]:
                end = next(p for p in roster.placements() if p.device == device)
        else:
            roster.told.append(Dock(device, to_cart, spare, there_s))
            end = Placement(device, to_room, to_cart, spare)
    if end.cart != own_cart or end.room != roster.home[device]:
        roster.hold(device)
    told, roster.told = roster.told, []
    return Carried(told, end, there_s)
