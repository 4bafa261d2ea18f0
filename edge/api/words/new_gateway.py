"""What the school file needs, so that it knows a gateway that is only heard yet."""

import json

import msgspec

from edge.agent.views import GatewayView
from edge.api.words.language import gettext as _
from edge.contracts.school import School


class Addition(msgspec.Struct, frozen=True):
    """A section to add: `toml` where the gateway stands in such a `place`."""

    place: str
    toml: str


def additions(view: GatewayView, school: School) -> list[Addition]:
    """Return a section for each kind of place, with rooms of this school to begin with."""
    name = view.id.removeprefix("gw-")
    numbers = sorted({one.antenna for one in view.antennas}) or [1, 2]
    rooms = [*school.rooms, "r101", "hall"][:2]
    sides = ", ".join(f"{n} = {_text(rooms[i % 2])}" for i, n in enumerate(numbers))
    gateway = f"gateway = {_text(view.id)}"
    doorway = [
        f"[doorways.{_text(name)}]",
        f"between = [{_text(rooms[0])}, {_text(rooms[1])}]",
        gateway,
        f"antennas = {{ {sides} }}",
    ]
    cart = [
        f"[carts.{_text(name)}]",
        f"home = {_text(rooms[0])}",
        gateway,
        f"antennas = {numbers}",
    ]
    desk = [
        f"[desks.{_text(name)}]",
        f"room = {_text(rooms[0])}",
        gateway,
        f"antennas = {numbers}",
    ]
    return [
        Addition(_("At a doorway"), "\n".join(doorway)),
        Addition(_("In a cart"), "\n".join(cart)),
        Addition(_("At a desk"), "\n".join(desk)),
    ]


def _text(value: str) -> str:
    return json.dumps(value)  # a TOML string too
