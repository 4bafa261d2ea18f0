"""What the map and a room's page say."""

from collections.abc import Mapping

import msgspec

from edge.agent.shown.views import DeviceView
from edge.api.floor_plan import Floor
from edge.api.words.devices import DeviceRow, row
from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext as _n
from edge.api.words.places import doorway_name, room_name
from edge.contracts.school import School

_LETTER = 0.62  # mean width of a letter, of its height
NAME_HEIGHT = 1.35  # metres on the plan
DOOR_TALLY = 1  # metres, as above; half a hall's height is free at each of its walls


class RoomShape(msgspec.Struct, frozen=True, kw_only=True):
    """A room on the plan; `label` is its name as far as it fits."""

    room: str
    name: str
    label: str
    kind: str
    count: int
    says: str
    points: str
    x: float
    y: float


class DoorMark(msgspec.Struct, frozen=True, kw_only=True):
    """A doorway on the plan, with how often devices went through it today.

    `tally` is that number where there is any, `width` metres that it needs.
    """

    name: str
    tally: str
    width: float
    says: str
    x: float
    y: float


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One floor as the page draws it."""

    title: str
    view_box: str
    rooms: list[RoomShape]
    doors: list[DoorMark]


class RoomLists(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a room, what should be, and what should not."""

    here: list[DeviceRow]
    absent: list[DeviceRow]
    guests: list[DeviceRow]


def plan(
    floor: Floor, school: School, counts: Mapping[str, int], traffic: Mapping[str, int]
) -> Plan:
    """Draw a floor with how many devices are thought to be in each room."""
    left, top, right, bottom = floor.box
    return Plan(
        title=_("Floor {number}").format(number=floor.number),
        view_box=f"{left - 1:g} {top - 1:g} {right - left + 2:g} {bottom - top + 2:g}",
        rooms=[
            _shape(drawn.room, drawn.corners, drawn.box, school, counts) for drawn in floor.rooms
        ],
        doors=[
            _mark(doorway_name(school, door), traffic.get(door, 0), at)
            for door, at in floor.doors.items()
        ],
    )


def lists(
    room: str, here: list[DeviceView], at_home: list[DeviceView], school: School, now: float
) -> RoomLists:
    """Sort a room's devices into what is here, what is not, and what is here from elsewhere."""
    home = {view.epc for view in at_home}
    return RoomLists(
        here=[row(view, school, now) for view in here if view.epc in home],
        absent=[row(view, school, now) for view in at_home if view.room != room],
        guests=[row(view, school, now) for view in here if view.epc not in home],
    )


def devices(count: int) -> str:
    """Say how many devices."""
    return _n("{n} device", "{n} devices", count).format(n=count)


def went(count: int) -> str:
    """Say how often devices went through a doorway today."""
    return _n("{n} passage today", "{n} passages today", count).format(n=count)


def _mark(name: str, count: int, at: tuple[float, float]) -> DoorMark:
    tally = str(count) if count else ""
    width = 0.7 + len(tally) * DOOR_TALLY * _LETTER
    return DoorMark(name=name, tally=tally, width=width, says=went(count), x=at[0], y=at[1])


def _shape(
    room: str,
    corners: tuple[tuple[float, float], ...],
    box: tuple[float, float, float, float],
    school: School,
    counts: Mapping[str, int],
) -> RoomShape:
    left, top, right, bottom = box
    name, count = room_name(school, room), counts.get(room, 0)
    return RoomShape(
        room=room,
        name=name,
        label=_fitted(name, right - left),
        kind=school.rooms[room].kind,
        count=count,
        says=devices(count),
        points=" ".join(f"{x:g},{y:g}" for x, y in corners),
        x=(left + right) / 2,
        y=(top + bottom) / 2,
    )


def _fitted(name: str, width: float) -> str:
    letters = int((width - 0.8) / (NAME_HEIGHT * _LETTER))
    return name if len(name) <= letters else name[: max(letters - 1, 1)].rstrip() + "…"
