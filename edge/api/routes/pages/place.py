"""`/gateways/ID/place`: a new gateway is given its place, as sections of the school file."""

from collections import defaultdict
from typing import Annotated, Literal, get_args

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from edge.agent.shown.views import GatewayView
from edge.api.access import GatewayKeeper
from edge.api.commanding import find_gateway
from edge.api.forms import CheckedForm, Form, page_with_form
from edge.api.routes.pages.school import show_school
from edge.api.words.places import room_name
from edge.api.words.placing import NotPlaced, free_id, kinds, look_it_over, sections
from edge.contracts.school import PRIVATE_KINDS, Family
from edge.contracts.school_file import SchoolError
from edge.contracts.school_stanzas import added

router = APIRouter()

Kind = Annotated[Literal["doorway", "cart", "desk"], Query(alias="as")]


@router.get("/gateways/{gateway}/place")
async def place_page(
    gateway: str, request: Request, viewer: GatewayKeeper, kind: Kind = "doorway"
) -> HTMLResponse:
    """Ask where it stands."""
    return _asked(request, await find_gateway(request, gateway), kind)


@router.post("/gateways/{gateway}/place")
async def place(
    gateway: str, request: Request, viewer: GatewayKeeper, form: CheckedForm
) -> HTMLResponse:
    """Show what its place adds to the school file; saved is it there."""
    agent = request.app.state.agent
    view = await find_gateway(request, gateway)
    try:
        new = sections(form, view.id, agent.school)
        text = added(agent.school_book.text(), new)
    except NotPlaced as error:
        kind = form["as"] if form["as"] in kinds() else "doorway"
        return _asked(request, view, kind, form, str(error))
    except SchoolError as error:
        raise HTTPException(503, f"The school file cannot be read: {error}.") from error
    return await show_school(request, viewer, text=text, told=look_it_over())


def _asked(
    request: Request, view: GatewayView, kind: str, form: Form | None = None, lacks: str = ""
) -> HTMLResponse:
    school = request.app.state.agent.school
    families = [family for family in get_args(Family) if family in view.readers]
    context: dict[str, object] = {
        "gateway": view,
        "kind": kind,
        "kinds": kinds(),
        "lacks": lacks,
        "fresh": form is None,
        "given": form or defaultdict(str),
        "id": (form["id"] if form else "") or free_id(view.id, kind, school),
        "rooms": [
            (room.id, room_name(school, room.id))
            for room in school.rooms.values()
            if room.kind not in PRIVATE_KINDS
        ],
        "antennas": sorted({one.antenna for one in view.antennas} or {1, 2}),
        "families": get_args(Family),
        "family": form["family"] if form else (families[0] if families else ""),
    }
    status = 422 if lacks else 200
    return page_with_form(request, "place.html", context, status=status)
