"""The building as a graph: which doorways lead from a room to another, and what lies on the way."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import networkx as nx

from edge.contracts.school import PRIVATE_KINDS, Doorway, School

DOOR_SPACING_M = 6.0  # between neighbouring doors of a hall
ROOM_WALK_M = 7.0  # from a seat to a door, or across a room between two doors


class Step(msgspec.Struct, frozen=True):
    """Through one doorway of a route, or past it where both rooms are the same."""

    doorway: str
    from_room: str
    to_room: str


class Building:
    """Routes and distances in a school. Doors stand along a hall in the order of the file."""

    def __init__(self, school: School) -> None:
        self.school = school
        self._graph: nx.Graph[str] = nx.Graph()
        self._graph.add_nodes_from(school.rooms)
        self._doors_of: dict[str, list[str]] = {room: [] for room in school.rooms}
        for doorway in school.doorways.values():
            for room in doorway.between:
                self._doors_of[room].append(doorway.id)
            if not self._graph.has_edge(*doorway.between):  # of two doors the first is used
                self._graph.add_edge(*doorway.between, doorway=doorway)
        self._routes: dict[tuple[str, str], list[Step] | None] = {}

    def route(self, from_room: str, to_room: str) -> list[Step] | None:
        """Return the shortest way between two rooms, or None where no doorway leads there."""
        key = (from_room, to_room)
        if key not in self._routes:
            self._routes[key] = self._find(from_room, to_room)
        return self._routes[key]

    def doors(self, room: str) -> list[str]:
        """Return the doorways of a room."""
        return self._doors_of[room]

    def beyond(self, doorway: str, room: str) -> str:
        """Return the room on the other side of a doorway."""
        first, second = self.school.doorways[doorway].between
        return second if room == first else first

    def doors_passed(self, room: str, first: str, last: str) -> list[str]:
        """Return the doors one walks by in a hall, from doorway `first` to `last`."""
        if self.school.rooms[room].kind != "hall":
            return []
        doors = self._doors_of[room]
        a, b = doors.index(first), doors.index(last)
        return doors[a + 1 : b] if a < b else doors[b + 1 : a][::-1]

    def walk_m(self, room: str, first: str, last: str) -> float:
        """Metres from doorway `first` to doorway `last` of a room."""
        if self.school.rooms[room].kind != "hall":
            return ROOM_WALK_M
        return DOOR_SPACING_M * (len(self.doors_passed(room, first, last)) + 1)

    def tour(self, room: str) -> list[Step]:
        """Return a walk out of a room, past the doors of its hall and of the next, and back in.

        It goes to the farther end of the hall; doors are `DOOR_SPACING_M` apart. Empty where no
        door of the room leads to a hall.
        """
        for door in self._doors_of[room]:
            hall = self.beyond(door, room)
            if self.school.rooms[hall].kind == "hall":
                along = self._along(hall, door, further=True)
                return [Step(door, room, hall), *along, Step(door, hall, room)]
        return []

    def neighbours(self, room: str) -> list[str]:
        """Rooms where a class can work, nearest first."""
        lengths = nx.single_source_shortest_path_length(self._graph, room)
        places = [
            (length, self._order(room, other), other)
            for other, length in lengths.items()
            if other != room and self.school.rooms[other].kind in ("classroom", "library", "gym")
        ]
        return [other for _, _, other in sorted(places)]

    def errand_rooms(self, room: str) -> list[str]:
        """Rooms to which one pupil carries a device; never a private one."""
        reachable = nx.node_connected_component(self._graph, room)
        return sorted(
            other
            for other in reachable
            if other != room
            and self.school.rooms[other].kind not in PRIVATE_KINDS | {"outside", "hall"}
        )

    def outside_of(self, room: str) -> str | None:
        """Return the outside room that can be walked to, if any."""
        reachable = nx.node_connected_component(self._graph, room)
        return next((r for r in self.school.rooms if r in reachable and self._outside(r)), None)

    def _along(self, hall: str, first: str, further: bool) -> list[Step]:
        """Return the way from a door of a hall to its farther end and back to the door."""
        doors = self._doors_of[hall]
        at = doors.index(first)
        way = max(doors[at + 1 :], doors[:at][::-1], key=len)
        steps = [Step(door, hall, hall) for door in way]
        back = steps[::-1]
        if way and further:
            next_hall = self.beyond(way[-1], hall)
            if self.school.rooms[next_hall].kind == "hall":
                out, home = Step(way[-1], hall, next_hall), Step(way[-1], next_hall, hall)
                beyond = self._along(next_hall, way[-1], further=False)
                return [*steps[:-1], out, *beyond, home, *back[1:]]
        return [*steps, *back]

    def _outside(self, room: str) -> bool:
        return self.school.is_outside(room)

    def _order(self, room: str, other: str) -> int:
        names = list(self.school.rooms)
        return abs(names.index(room) - names.index(other))

    def _find(self, from_room: str, to_room: str) -> list[Step] | None:
        inside = [  # nobody takes a short cut around the building
            room for room in self._graph if room in (from_room, to_room) or not self._outside(room)
        ]
        try:
            rooms = nx.shortest_path(self._graph.subgraph(inside), from_room, to_room)
        except nx.NetworkXNoPath:
            return None
        steps = []
        for a, b in pairwise(rooms):
            doorway: Doorway = self._graph.edges[a, b]["doorway"]
            steps.append(Step(doorway.id, a, b))
        return steps
