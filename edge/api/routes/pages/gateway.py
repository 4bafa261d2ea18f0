"""`/gateways/ID`: one gateway, what it says of itself, and what it can be asked from here."""

from typing import Any

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from edge.agent.shown.views import GatewayView
from edge.api.access import FullViewer, GatewayKeeper, Viewer, keeps_gateways
from edge.api.commanding import UNANSWERED, command_gateway, find_gateway
from edge.api.forms import CheckedForm, Form, page_with_form
from edge.api.words.commanding import Told, heard_in, not_answered, outcome
from edge.api.words.gateways import antennas, away, facts, rates, state
from edge.api.words.times import moment
from edge.api.words.updating import firmware
from edge.contracts.commands import Command, command_of
from edge.provision.application import version_of

log = structlog.get_logger()

router = APIRouter()

FIELDS = {"set_power": ("antenna", "dbm"), "sweep": ("seconds",), "identify": ("seconds",)}


@router.get("/gateways/{gateway}")
async def gateway_page(gateway: str, request: Request, viewer: FullViewer) -> HTMLResponse:
    """One gateway, with the forms for those who keep gateways."""
    return await _shown(request, await find_gateway(request, gateway), viewer)


@router.post("/gateways/{gateway}")
async def ask_from_here(
    gateway: str, request: Request, viewer: GatewayKeeper, form: CheckedForm
) -> HTMLResponse:
    """Send what a form says, and show the same page with the answer."""
    if form["do"] == "update":
        return await _updated(request, await find_gateway(request, gateway), viewer)
    command = _command(form)
    try:
        reply = await command_gateway(request, gateway, command, viewer)
    except HTTPException as error:
        if error.status_code not in UNANSWERED:
            raise
        view = await find_gateway(request, gateway)
        told, status = not_answered(error.status_code), error.status_code
        return await _shown(request, view, viewer, told=told, status=status)
    told = outcome(command, reply, await _labels(request, reply))
    return await _shown(request, await find_gateway(request, gateway), viewer, told=told)


async def _updated(request: Request, view: GatewayView, viewer: Viewer) -> HTMLResponse:
    """Begin an update; its progress stands on the page, for it takes minutes."""
    if view.state != "online":
        return await _shown(request, view, viewer, told=not_answered(409), status=409)
    request.app.state.updates.begin(view, version_of())
    log.info("update", gateway=view.id, by=viewer.account or viewer.by)
    return await _shown(request, view, viewer)


def _command(form: Form) -> Command:
    do = form["do"]
    try:
        return command_of({"do": do, "args": {name: form[name] for name in FIELDS.get(do, ())}})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "do"
        raise HTTPException(422, f"{where}: {first['msg']}.") from error


async def _labels(request: Request, reply: dict[str, Any]) -> dict[str, str]:
    """What the devices of a sweep are called, by EPC."""
    queries = request.app.state.agent.queries
    devices = [await queries.device(epc) for epc in heard_in(reply)]
    return {device.epc: device.label for device in devices if device is not None}


async def _shown(
    request: Request,
    view: GatewayView,
    viewer: Viewer,
    *,
    told: Told | None = None,
    status: int = 200,
) -> HTMLResponse:
    app = request.app.state
    now, zone = app.clock(), app.agent.school.zone
    odd = await app.agent.queries.odd_start(view.id)
    context: dict[str, object] = {
        "gateway": view,
        "state": state(view),
        "facts": facts(view, lambda t: moment(t, now, zone), odd),
        "away": away(view, lambda t: moment(t, now, zone), app.agent.notices.settings.contact),
        "crash_time": moment(view.crash.at, now, zone) if view.crash else "",
        "antennas": antennas(view),
        "rates": rates(view, lambda t: moment(t, t, zone)),
        "keeper": viewer.role in keeps_gateways.roles,
        "firmware": firmware(
            view, version_of(), app.updates.of(view.id), lambda t: moment(t, now, zone)
        ),
        "updating": (sent := app.updates.of(view.id)) is not None and sent.under_way,
        "doorway": any(d.gateway == view.id for d in app.agent.school.doorways.values()),
        "told": told,
    }
    return page_with_form(request, "gateway.html", context, status=status)
