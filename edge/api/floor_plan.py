"""Where rooms are drawn: by their polygons, or tidily along their halls where they have none. Pure.

Lengths are metres on the floor, x to the right and y down.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from edge.contracts.school import Doorway, Room, School

ROOM = (9.0, 7.0)  # width and height of a room without a polygon
HALL_HEIGHT = 3.0
GAP = 1.5
TOUCHING = 1.0  # a wall is not thicker
DOORS_APART = 2.4

Point = tuple[float, float]


class Drawn(msgspec.Struct, frozen=True):
    """A room on its floor: its corners, and the box around them."""

    room: str
    corners: tuple[Point, ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        xs, ys = [x for x, _ in self.corners], [y for _, y in self.corners]
        return min(xs), min(ys), max(xs), max(ys)


class Floor(msgspec.Struct, frozen=True):
    """One floor: its rooms, and where its doorways are."""

    number: int
    rooms: list[Drawn]
    doors: dict[str, Point]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of all rooms."""
        boxes = [drawn.box for drawn in self.rooms]
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)


def floors(school: School) -> list[Floor]:
    """Draw every floor of a school, the lowest first.

    What is outside is on no floor: it is drawn with each floor that has a door to it.
    """
    inside = [room for room in school.rooms.values() if room.kind != "outside"]
    numbers = sorted({room.floor for room in inside or school.rooms.values()})
    return [_floor(school, number) for number in numbers]


def _floor(school: School, number: int) -> Floor:
    on_it = [
        room.id for room in school.rooms.values() if room.floor == number and room.kind != "outside"
    ]
    beside = {other for room in on_it for other in _neighbours(room, school.doorways.values())}
    rooms = [
        room
        for room in school.rooms.values()
        if room.id in on_it or (room.kind == "outside" and (room.id in beside or not on_it))
    ]
    surveyed = [Drawn(room.id, tuple(room.polygon)) for room in rooms if room.polygon]
    others = [room for room in rooms if not room.polygon]
    if surveyed:
        left, _, _, bottom = Floor(number, surveyed, {}).box
        drawn = [*surveyed, *_row(others, left, bottom + GAP)]
    else:
        drawn = list(_along_halls(others, school))
    at = {one.room: one for one in drawn}
    return Floor(number, drawn, _doors(at, school))


def _doors(at: Mapping[str, Drawn], school: School) -> dict[str, Point]:
    """Put each doorway into its wall; several between the same two rooms stand in a row."""
    of_pair: dict[frozenset[str], list[Doorway]] = {}
    for doorway in school.doorways.values():
        if all(room in at for room in doorway.between):
            of_pair.setdefault(frozenset(doorway.between), []).append(doorway)
    doors = {}
    for pair, doorways in of_pair.items():
        inside_first = sorted(pair, key=lambda room: (school.is_outside(room), room))
        (x, y), along_x = _wall(*(at[room] for room in inside_first))
        for place, doorway in enumerate(doorways):
            off = (place - (len(doorways) - 1) / 2) * DOORS_APART
            doors[doorway.id] = (x + off, y) if along_x else (x, y + off)
    return {door: doors[door] for door in school.doorways if door in doors}


def _along_halls(rooms: Sequence[Room], school: School) -> Iterator[Drawn]:
    """Yield each hall as a bar with its rooms above and below it, then what adjoins none."""
    waiting = {room.id: room for room in rooms if room.kind != "hall"}
    top = 0.0
    for hall in (room for room in rooms if room.kind == "hall"):
        beside = [
            waiting.pop(room)
            for room in _neighbours(hall.id, school.doorways.values())
            if room in waiting
        ]
        above, below = beside[::2], beside[1::2]
        width = max(len(above), 1) * ROOM[0]
        if above:
            yield from _row(above, 0.0, top)
            top += ROOM[1]
        yield _rectangle(hall.id, 0.0, top, width, HALL_HEIGHT)
        top += HALL_HEIGHT
        if below:
            yield from _row(below, 0.0, top)
            top += ROOM[1]
        top += GAP
    yield from _row(list(waiting.values()), 0.0, top)


def _neighbours(room: str, doorways: Iterable[Doorway]) -> list[str]:
    found = [doorway.other_side(room) for doorway in doorways if room in doorway.between]
    return list(dict.fromkeys(found))


def _row(rooms: Sequence[Room], left: float, top: float) -> list[Drawn]:
    return [
        _rectangle(room.id, left + place * ROOM[0], top, *ROOM) for place, room in enumerate(rooms)
    ]


def _rectangle(room: str, left: float, top: float, width: float, height: float) -> Drawn:
    right, bottom = left + width, top + height
    return Drawn(room, ((left, top), (right, top), (right, bottom), (left, bottom)))


def _wall(one: Drawn, other: Drawn) -> tuple[Point, bool]:
    """Return the middle of the wall two rooms share, and whether it runs along x.

    Where they share none it is the wall of `one` that is nearest to the other.
    """
    (left, top, right, bottom), (left_2, top_2, right_2, bottom_2) = one.box, other.box
    across = (max(left, left_2), min(right, right_2))
    down = (max(top, top_2), min(bottom, bottom_2))
    wide, high = across[1] - across[0], down[1] - down[0]
    middle = (sum(across) / 2, sum(down) / 2)
    if max(-wide, -high) < TOUCHING:
        return middle, wide >= high
    x, y = min(max(middle[0], left), right), min(max(middle[1], top), bottom)
    return (x, y), high < wide
