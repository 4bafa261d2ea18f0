"""`/map`: how many devices are where; `/rooms/ID`: what is in one, and what should be."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from edge.api.access import FullViewer, SignedIn, refusal
from edge.api.floor_plan import floors
from edge.api.rendering import page
from edge.api.words import rooms
from edge.api.words.places import doorway_name, room_name
from edge.api.words.times import start_of_day

router = APIRouter()


@router.get("/map")
async def map_page(request: Request, viewer: FullViewer) -> HTMLResponse:
    """The floors, and the same as a table."""
    app = request.app.state
    school = app.agent.school
    counts = await app.agent.queries.rooms()
    traffic = await app.agent.queries.traffic(start_of_day(app.clock(), school.zone))
    context = {
        "plans": [rooms.plan(floor, school, counts, traffic) for floor in floors(school)],
        "name_height": rooms.NAME_HEIGHT,
        "door_tally": rooms.DOOR_TALLY,
        "rooms": [(room, room_name(school, room), counts.get(room, 0)) for room in school.rooms],
        "doors": [(doorway_name(school, door), traffic.get(door, 0)) for door in school.doorways],
    }
    return page(request, "map.html", context)


@router.get("/rooms/{room}")
async def room_page(room: str, request: Request, viewer: SignedIn) -> HTMLResponse:
    """One room; a teacher's own, or any for those who see all places."""
    app = request.app.state
    school, queries = app.agent.school, app.agent.queries
    if room not in school.rooms:
        raise HTTPException(404, f'There is no room "{room}" in the school file.')
    if not viewer.places.hold(room):
        raise refusal(viewer)
    here, at_home = await queries.devices_in(room), await queries.devices_at_home(room)
    context = {
        "name": room_name(school, room),
        "lists": rooms.lists(room, here, at_home, school, app.clock()),
    }
    return page(request, "room.html", context)
