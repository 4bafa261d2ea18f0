"""`/devices/EPC/record`: a new tag becomes a device, or a device's record is changed."""

from collections import defaultdict
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from edge.agent.shown.views import DeviceView
from edge.agent.storage.database import DatabaseError
from edge.api.access import DeskKeeper
from edge.api.forms import CheckedForm, page_with_form
from edge.api.words import records as words
from edge.contracts.devices import COLUMNS, Device, normal_epc

log = structlog.get_logger()

router = APIRouter()


@router.get("/devices/{epc}/record")
async def record_page(epc: str, request: Request, viewer: DeskKeeper) -> HTMLResponse:
    """Show the record; one that is to be made begins with what the address says."""
    view = await _device(request, epc)
    given = {name: request.query_params.get(name, "")[: words.LONGEST] for name in COLUMNS}
    if view.recorded:
        given = {name: getattr(view, name) or "" for name in COLUMNS}
    return _shown(request, view, given)


@router.post("/devices/{epc}/record")
async def record(epc: str, request: Request, viewer: DeskKeeper, form: CheckedForm) -> HTMLResponse:
    """Take the record into the journal, or say what is wrong with it."""
    agent = request.app.state.agent
    view = await _device(request, epc)
    device = words.device_of(view.epc, form)
    given = {name: getattr(device, name) or "" for name in COLUMNS}
    wrong = words.wrong_with(device, agent.school, await _with_tag(request, device.asset_tag))
    if wrong:
        return _shown(request, view, given, wrong=wrong, status=422)
    try:
        await agent.keep_records([device])
    except DatabaseError as error:
        raise HTTPException(503, f"It was not recorded: {error}.") from error
    log.info("device recorded", epc=device.epc, by=viewer.account or viewer.by)
    following = await _next_new(request, device)
    return _shown(request, view, given, told=words.recorded(device.label), following=following)


async def _device(request: Request, epc: str) -> DeviceView:
    normal = normal_epc(epc)
    view: DeviceView | None = None
    if normal is not None:
        view = await request.app.state.agent.queries.device(normal)
    if view is None:
        raise HTTPException(404, f'No device with the EPC "{epc}" is recorded or was seen.')
    return view


async def _with_tag(request: Request, tag: str | None) -> DeviceView | None:
    if tag is None:
        return None
    found = await request.app.state.agent.queries.devices(query=tag)  # what fits exactly is first
    return next((view for view in found.items if view.asset_tag == tag), None)


async def _next_new(request: Request, device: Device) -> str:
    """Return where the next tag without a record is recorded, "" when there is none."""
    found = await request.app.state.agent.queries.devices(limit=2, new=True)
    epc = next((view.epc for view in found.items if view.epc != device.epc), None)
    if epc is None:
        return ""
    return f"/devices/{epc}/record?{urlencode(words.for_the_next(device))}"


def _shown(
    request: Request,
    view: DeviceView,
    given: dict[str, str],
    *,
    wrong: str = "",
    told: str = "",
    following: str = "",
    status: int = 200,
) -> HTMLResponse:
    school = request.app.state.agent.school
    context: dict[str, object] = {
        "device": view,
        "given": defaultdict(str, given),
        "carts": words.carts(school),
        "rooms": words.rooms(school),
        "longest": words.LONGEST,
        "wrong": wrong,
        "done": told,
        "following": following,
    }
    return page_with_form(request, "record.html", context, status=status)
