"""Rooms are drawn where they are, or tidily where nothing says where that is."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.api.floor_plan import floors
from edge.contracts.school import Doorway, Room, School


def school_of(rooms, joined):
    return School(
        name="S",
        site="s",
        timezone="UTC",
        rooms={room.id: room for room in rooms},
        doorways={
            f"d{n}": Doorway(id=f"d{n}", between=pair, gateway=f"g{n}", antennas={1: pair[0]})
            for n, pair in enumerate(joined)
        },
    )


def apart(one, other):
    (left, top, right, bottom), (left_2, top_2, right_2, bottom_2) = one.box, other.box
    return right <= left_2 or right_2 <= left or bottom <= top_2 or bottom_2 <= top


def test_a_surveyed_room_has_its_own_corners_and_a_door_in_the_shared_wall():
    corners = [(0.0, 0.0), (9.0, 0.0), (9.0, 7.0), (0.0, 7.0)]
    hall = [(0.0, 7.0), (27.0, 7.0), (27.0, 10.0), (0.0, 10.0)]
    school = school_of(
        [Room(id="r1", polygon=corners), Room(id="h", kind="hall", polygon=hall), Room(id="out")],
        [("r1", "h"), ("h", "out")],
    )
    (floor,) = floors(school)
    assert floor.rooms[0].corners == tuple(corners)
    assert floor.doors["d0"] == (4.5, 7.0)
    assert floor.rooms[2].box[1] > 10.0, "what is not surveyed stands below"
    assert floor.doors["d1"] == (4.5, 10.0), "its door is in the wall of what is"


def test_several_doors_between_two_rooms_stand_in_a_row():
    rooms = [Room(id="h", kind="hall"), Room(id="r", kind="gym"), Room(id="out", kind="outside")]
    (floor,) = floors(school_of(rooms, [("h", "r"), ("r", "h"), ("r", "out")]))
    (x, y), (x_2, y_2), _exit = floor.doors.values()
    assert (x, x_2) == pytest.approx((3.3, 5.7)) and y == y_2


def test_without_polygons_rooms_stand_along_their_hall():
    rooms = [Room(id="h", kind="hall"), *(Room(id=f"r{n}") for n in range(4))]
    (floor,) = floors(school_of(rooms, [("h", f"r{n}") for n in range(4)]))
    box = {drawn.room: drawn.box for drawn in floor.rooms}
    assert box["r0"][3] == box["r2"][3] == box["h"][1]
    assert box["r1"][1] == box["r3"][1] == box["h"][3]
    assert floor.doors["d0"] == (4.5, 7.0)


def test_each_floor_is_drawn_for_itself_and_a_stairway_has_no_door_on_either():
    rooms = [Room(id="low"), Room(id="high", floor=1)]
    ground, first = floors(school_of(rooms, [("low", "high")]))
    assert ([d.room for d in ground.rooms], ground.doors) == (["low"], {})
    assert (first.number, first.doors) == (1, {})


def test_what_is_outside_is_drawn_with_each_floor_that_has_a_door_to_it():
    rooms = [Room(id="low"), Room(id="high", floor=1), Room(id="out", kind="outside")]
    _ground, first = floors(school_of(rooms, [("high", "out")]))
    assert [drawn.room for drawn in first.rooms] == ["high", "out"]


@given(
    kinds=st.lists(st.sampled_from(["hall", "classroom", "outside"]), min_size=1, max_size=12),
    data=st.data(),
)
def test_no_two_rooms_lie_on_each_other_and_all_are_drawn(kinds, data):
    rooms = [Room(id=f"r{n}", kind=kind) for n, kind in enumerate(kinds)]
    pairs = [(one.id, other.id) for one, other in combinations(rooms, 2)]
    joined = data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    (floor,) = floors(school_of(rooms, joined))
    drawn = [one.room for one in floor.rooms]
    inside = [room.id for room in rooms if room.kind != "outside"]
    assert len(drawn) == len(set(drawn)) and set(inside) <= set(drawn)
    assert all(apart(one, other) for one, other in combinations(floor.rooms, 2))
    assert {f"d{n}" for n, pair in enumerate(joined) if set(pair) & set(inside)} <= set(floor.doors)
