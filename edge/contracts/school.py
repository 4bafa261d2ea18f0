"""The school file as typed structs: what stands where. `school_file` reads and checks it."""

from datetime import datetime, time
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from edge.contracts.bells import Bells

RoomKind = Literal[
    "classroom",
    "hall",
    "office",
    "storage",
    "library",
    "gym",
    "outside",
    "toilet",
    "nurse",
    "counsellor",
    "other",
]
Region = Literal["US", "EU", "CN", "IN", "JP", "KR", "AU"]
Family = Literal["m100", "m100-aa", "m6e", "a0", "uhfreader18"]

PRIVATE_KINDS = frozenset({"toilet", "nurse", "counsellor"})  # no reader may stand there

AntennaNumber = Annotated[int, msgspec.Meta(ge=1, le=16)]
Antennas = Annotated[list[AntennaNumber], msgspec.Meta(min_length=1)]


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A room; `polygon` in metres on its `floor`."""

    id: str
    kind: RoomKind = "other"
    name: str = ""
    floor: int = 0
    polygon: list[tuple[float, float]] | None = None


class Doorway(msgspec.Struct, frozen=True, kw_only=True):
    """A doorway between two rooms; `antennas` gives the side each antenna faces."""

    id: str
    between: tuple[str, str]
    gateway: str
    antennas: Annotated[dict[AntennaNumber, str], msgspec.Meta(min_length=1)]
    name: str = ""

    def other_side(self, room: str) -> str:
        """Return the room on the far side, seen from `room`."""
        return self.between[1] if room == self.between[0] else self.between[0]


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """A charging cart with a gateway inside."""

    id: str
    home: str
    gateway: str
    antennas: Antennas
    capacity: Annotated[int, msgspec.Meta(ge=1, le=200)] = 30
    name: str = ""
    epc: str | None = None


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """A reader for check-out, return and writing tags."""

    id: str
    room: str
    gateway: str
    antennas: Antennas
    name: str = ""


class Reader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reader module and the antenna numbers it serves."""

    family: Family
    antennas: Antennas


class Gateway(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent publishes as `config` of a gateway; None: the gateway's own setting."""

    id: str
    readers: Annotated[list[Reader], msgspec.Meta(min_length=1, max_length=2)] | None = None
    power_dbm: dict[AntennaNumber, Annotated[float, msgspec.Meta(ge=0, le=33)]] | None = None
    session: Annotated[int, msgspec.Meta(ge=0, le=3)] | None = None
    name: str = ""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the school wants to be told of its devices.

    `exits` "school-hours": nobody minds who leaves before the first bell or after the last.
    `back_by`: when, on the next school day, what left by the calendar or outside school hours is
    to be back; None: that is not asked. `missing_days`: school days without a sign of a device;
    `unexpected_room_hours`: hours of lessons in one room that is not its own; 0: never told.
    """

    exits: Literal["always", "school-hours"] = "always"
    back_by: time | None = None
    missing_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 5
    unexpected_room_hours: Annotated[float, msgspec.Meta(ge=0, le=1000)] = 6.0


class Place(msgspec.Struct, frozen=True):
    """What an antenna serves; `side` is the room it faces or stands in (a cart's home)."""

    kind: Literal["doorway", "cart", "desk"]
    id: str
    side: str


class School(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A checked school file. Ids in it always refer to something that exists."""

    name: str
    site: str
    timezone: str
    epc_prefixes: tuple[str, ...] = ()
    region: Region | None = None
    bells: Bells | None = None
    rules: Rules = Rules()
    rooms: dict[str, Room] = {}
    doorways: dict[str, Doorway] = {}
    carts: dict[str, Cart] = {}
    desks: dict[str, Desk] = {}
    gateways: dict[str, Gateway] = {}
    raw_simulator: dict[str, Any] = {}

    @cached_property
    def zone(self) -> ZoneInfo:
        """The school's time zone."""
        return ZoneInfo(self.timezone)

    def is_lesson(self, unix_s: float) -> bool:
        """Whether a lesson is on; without bells, always."""
        if self.bells is None:
            return True
        return self.bells.is_lesson(datetime.fromtimestamp(unix_s, self.zone))

    def accepts(self, epc: str) -> bool:
        """Whether a tag is the school's own; without prefixes every tag is."""
        return not self.epc_prefixes or epc.startswith(self.epc_prefixes)

    def is_outside(self, room: str) -> bool:
        """Whether a room is out of the building."""
        return self.rooms[room].kind == "outside"

    def exits(self) -> list[Doorway]:
        """Doorways with an outside room."""
        return [d for d in self.doorways.values() if any(self.is_outside(r) for r in d.between)]

    def place_of(self, gateway: str, antenna: int) -> Place | None:
        """Return what an antenna serves, or None where the file does not name it."""
        return self.places.get((gateway, antenna))

    @cached_property
    def places(self) -> dict[tuple[str, int], Place]:
        """Every antenna of the file, by gateway and number."""
        found: dict[tuple[str, int], Place] = {}
        for doorway in self.doorways.values():
            for antenna, side in doorway.antennas.items():
                found[doorway.gateway, antenna] = Place("doorway", doorway.id, side)
        for cart in self.carts.values():
            for antenna in cart.antennas:
                found[cart.gateway, antenna] = Place("cart", cart.id, cart.home)
        for desk in self.desks.values():
            for antenna in desk.antennas:
                found[desk.gateway, antenna] = Place("desk", desk.id, desk.room)
        return found

    @cached_property
    def gateway_ids(self) -> list[str]:
        """Every gateway the file names, sorted."""
        named = {gateway for gateway, _ in self.places}
        return sorted(named | set(self.gateways))
