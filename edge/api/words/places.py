"""What rooms, carts, doorways and antennas are called."""

from edge.api.words.language import gettext as _
from edge.api.words.times import moment
from edge.contracts.school import School


def room_name(school: School, room: str) -> str:
    """Return what people call a room; its id where the school file does not know it any more."""
    known = school.rooms.get(room)
    return (known.name or known.id) if known else room


def cart_name(school: School, cart: str) -> str:
    """Return what people call a cart."""
    known = school.carts.get(cart)
    return (known.name or known.id) if known else cart


def doorway_name(school: School, doorway: str) -> str:
    """Return what people call a doorway: its name, or the rooms it joins."""
    known = school.doorways.get(doorway)
    if known is None:
        return doorway
    if known.name:
        return known.name
    one, other = (room_name(school, room) for room in known.between)
    return _("the doorway between {one} and {other}").format(one=one, other=other)


class Names:
    """Names in an alert's sentence; `label` is what its device is called."""

    def __init__(self, school: School, label: str, now: float) -> None:
        self._school = school
        self._label = label
        self._now = now

    def device(self, epc: str) -> str:
        """What stands on the lid."""
        return self._label or epc

    def place(self, kind: str, id_: str) -> str:
        """Name a "room", "doorway", "cart", "desk" or "gateway"."""
        school = self._school
        if kind == "room":
            return room_name(school, id_)
        if kind == "doorway":
            return doorway_name(school, id_)
        if kind == "cart":
            return cart_name(school, id_)
        named = school.gateways.get(id_) if kind == "gateway" else None
        return (named.name if named else "") or id_

    def moment(self, at: float) -> str:
        """Say a time (Unix s) in the school's time."""
        return moment(at, self._now, self._school.zone)


def antenna_name(school: School, gateway: str, antenna: int | None) -> str:
    """Say where an antenna is: "the doorway ..., on the side of Hall A"."""
    place = school.place_of(gateway, antenna) if antenna is not None else None
    if place is None:
        return gateway
    if place.kind == "cart":
        return cart_name(school, place.id)
    if place.kind == "doorway":
        door, side = doorway_name(school, place.id), room_name(school, place.side)
        return _("{doorway}, on the side of {room}").format(doorway=door, room=side)
    return room_name(school, place.side)
