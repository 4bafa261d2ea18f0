"""The school as the engine asks it: what an antenna serves, how far rooms are, where tags stay."""

from dataclasses import dataclass, field
from typing import Literal

from edge.contracts.school import Cart, School

# How long a device stays in a room of that kind, as a weight against a classroom: it says when
# a move was that no reader saw. Halls are passed in seconds, classrooms kept for a lesson.
_STAY_WEIGHT = {"hall": 0.03}
_USUAL_STAY = 1.0
# A way from room to room: for each step the doorways that join its two rooms.
Steps = tuple[tuple[str, ...], ...]
_WAYS_ON = 3  # rooms next to a hall, the one that a tag came from with them


@dataclass(frozen=True, slots=True)
class Spot:
    """What one antenna serves. `rooms` are a doorway's two, else the one room it stands in."""

    kind: Literal["doorway", "cart", "desk"]
    id: str
    key: str  # unique among all kinds
    side: str
    rooms: tuple[str, ...]
    faced: int  # how many of `rooms` have an antenna
    passages: frozenset[str]  # which of `rooms` devices only pass through

    def other_side(self, room: str) -> str:
        """The other one of a doorway's two rooms."""
        return self.rooms[1] if room == self.rooms[0] else self.rooms[0]


@dataclass
class Building:
    """Look-ups into one accepted school file."""

    school: School
    spots: dict[tuple[str, int], Spot] = field(init=False)
    cart_of: dict[str, Cart] = field(init=False)
    spot_of: dict[str, Spot] = field(init=False)  # by key
    cart_spots: dict[str, Spot] = field(init=False)  # by cart
    _ways: dict[str, dict[str, str]] = field(init=False, default_factory=dict)
    _walked_along: frozenset[str] = field(init=False)
    _looks_into: frozenset[tuple[str, str]] = field(init=False)
    _steps: dict[tuple[str, str], Steps | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.spots = {at: self._spot(at) for at in self.school.places}
        self.spot_of = {spot.key: spot for spot in self.spots.values()}
        self.cart_spots = {s.id: s for s in self.spots.values() if s.kind == "cart"}
        doorways = self.school.doorways.values()
        self._looks_into = frozenset((d.gateway, room) for d in doorways for room in d.between)
        self._walked_along = frozenset(filter(self._leads_on, self.school.rooms))
        self.cart_of = {cart.epc: cart for cart in self.school.carts.values() if cart.epc}

    def way(self, start: str, goal: str) -> list[str] | None:
        """Return the rooms of a shortest way, both ends with it; None where there is none."""
        came_from = self._ways.get(start)
        if came_from is None:
            came_from = self._ways[start] = self._search(start)
        if goal not in came_from:
            return None
        way = [goal]
        while way[-1] != start:
            way.append(came_from[way[-1]])
        way.reverse()
        return way

    def doorways_between(self, start: str, goal: str) -> int | None:
        """Return how many doorways a shortest way has; None where there is no way."""
        steps = self.steps(start, goal)
        return None if steps is None else len(steps)

    def steps(self, start: str, goal: str) -> Steps | None:
        """Return the doorways of each step of a shortest way; None where there is no way."""
        pair = (start, goal)
        if pair not in self._steps:
            way = self.way(start, goal)
            joined = [] if way is None else map(self._joining, way, way[1:])
            self._steps[pair] = None if way is None else tuple(joined)
        return self._steps[pair]

    def is_outside(self, room: str | None) -> bool:
        """Whether a room is out of the building; a room no longer in the file is not."""
        return room in self.school.rooms and self.school.rooms[room].kind == "outside"

    def is_passage(self, room: str) -> bool:
        """Whether devices only pass through a room."""
        return self.stay_weight(room) < _USUAL_STAY

    def is_walked_along(self, room: str | None) -> bool:
        """Whether who goes through a room is seen on soon: a passage that leads on."""
        return room in self._walked_along

    def looks_into(self, gateway: str, room: str) -> bool:
        """Whether a gateway serves a doorway of a room."""
        return (gateway, room) in self._looks_into

    def stay_weight(self, room: str) -> float:
        """How long devices stay in a room, against the others."""
        known = self.school.rooms.get(room)
        return _STAY_WEIGHT.get(known.kind, _USUAL_STAY) if known else _USUAL_STAY

    def _spot(self, at: tuple[str, int]) -> Spot:
        place = self.school.places[at]
        key = f"{place.kind}/{place.id}"
        if place.kind != "doorway":
            return Spot(place.kind, place.id, key, place.side, (place.side,), 1, frozenset())
        doorway = self.school.doorways[place.id]
        faced = len(set(doorway.antennas.values()))
        passages = frozenset(room for room in doorway.between if self.is_passage(room))
        return Spot("doorway", place.id, key, place.side, doorway.between, faced, passages)

    def _leads_on(self, room: str) -> bool:
        """Whether a passage has at least two ways on for who comes into it."""
        doorways = self.school.doorways.values()
        beyond = {d.other_side(room) for d in doorways if room in d.between and d.antennas}
        return self.is_passage(room) and len(beyond) >= _WAYS_ON

    def _joining(self, room: str, beyond: str) -> tuple[str, ...]:
        """The doorways between two rooms."""
        doorways = self.school.doorways.items()
        return tuple(name for name, d in doorways if {room, beyond} == set(d.between))

    def _search(self, start: str) -> dict[str, str]:
        """Breadth first from `start`: the room each room is reached from."""
        came_from = {start: start}
        queue = [start]
        for room in queue:
            for doorway in self.school.doorways.values():
                if room in doorway.between:
                    beyond = doorway.other_side(room)
                    if beyond not in came_from:
                        came_from[beyond] = room
                        queue.append(beyond)
        return came_from
