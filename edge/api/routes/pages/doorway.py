"""`/gateways/ID/doorway`: walk a test tag through; it tells sides and the lowest power."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from edge.agent.school.school_book import ChangedMeanwhile, NotWritable, SchoolBook, digest
from edge.agent.shown.views import GatewayView
from edge.api.access import GatewayKeeper, Viewer
from edge.api.commanding import UNANSWERED, command_gateway, find_gateway
from edge.api.forms import CheckedForm, Form, page_with_form
from edge.api.words import doorway as words
from edge.api.words import school as school_words
from edge.api.words.commanding import Told, not_answered, refused
from edge.api.words.gateways import state
from edge.commissioning.filed import power_line, with_power, with_sides
from edge.commissioning.trial import Trial
from edge.contracts.commands import Sweep, SweepSeconds
from edge.contracts.devices import normal_epc
from edge.contracts.school import Doorway, School
from edge.contracts.school_file import SchoolError

router = APIRouter()

LISTEN_S = 3
Chosen = Annotated[str, Query(max_length=32, description="Which doorway of the gateway.")]


@router.get("/gateways/{gateway}/doorway")
async def doorway_page(
    gateway: str, request: Request, viewer: GatewayKeeper, doorway: Chosen = ""
) -> HTMLResponse:
    """The trial of a doorway as it stands, or the form to begin one."""
    view = await find_gateway(request, gateway)
    return _shown(request, view, _doorway(request, view, doorway))


@router.post("/gateways/{gateway}/doorway")
async def at_the_doorway(
    gateway: str, request: Request, viewer: GatewayKeeper, form: CheckedForm
) -> Response:
    """Do what a button says; a trial's page is then asked anew, so that it can be reloaded."""
    app = request.app.state
    view = await find_gateway(request, gateway)
    door = _doorway(request, view, form["doorway"])
    do, trial = form["do"], app.trials.of(door.id)
    if do == "listen":
        return await _listened(request, view, door, viewer)
    if do == "begin":
        epc = normal_epc(form["epc"])
        if epc is None or not app.agent.school.accepts(epc):
            return _shown(request, view, door, told=Told(words.wrong_tag(), well=False), status=422)
        app.trials.begin(app.agent.school, door, epc)
    elif do in ("file-power", "file-sides") and trial is not None:
        return await _filed(request, view, door, trial, viewer, do)
    elif trial is not None and _acted(trial, do, form, app.clock()):
        app.trials.pressed(door.id)
    else:
        raise HTTPException(422, "do: no such thing now.")
    return RedirectResponse(f"/gateways/{view.id}/doorway?doorway={door.id}", status_code=303)


def _acted(trial: Trial, do: str, form: Form, now: float) -> bool:
    """Whether a trial knows this button. A press that comes too late does nothing."""
    number = int(form["number"]) if form["number"].isdecimal() else -1
    if do == "walked":
        trial.walked(number, now)
    elif do == "again":
        trial.take_back(number, now)
    elif do == "search":
        trial.search(now)
    elif do == "stop":
        trial.stop("left")
    return do in ("walked", "again", "search", "stop")


async def _listened(
    request: Request, view: GatewayView, door: Doorway, viewer: Viewer
) -> HTMLResponse:
    """Which tags the gateway hears now, to choose the test tag from."""
    sweep = Sweep(do="sweep", args=SweepSeconds(seconds=LISTEN_S))
    try:
        reply = await command_gateway(request, view.id, sweep, viewer)
    except HTTPException as error:
        if error.status_code not in UNANSWERED:
            raise
        told, status = not_answered(error.status_code), error.status_code
        return _shown(request, view, door, told=told, status=status)
    if reply.get("ok") is not True:
        return _shown(request, view, door, told=refused(reply))
    queries = request.app.state.agent.queries
    devices = {epc: await queries.device(epc) for epc in words.strongest_first(reply)}
    labels = {epc: one.label for epc, one in devices.items() if one is not None and one.recorded}
    return _shown(request, view, door, heard=words.heard(reply, labels))


async def _filed(
    request: Request, view: GatewayView, door: Doorway, trial: Trial, viewer: Viewer, do: str
) -> HTMLResponse:
    """Put what was found into the school file, as if a person had."""
    book: SchoolBook = request.app.state.agent.school_book
    try:
        before = book.text()
        text = _with_found(before, door, trial, do)
        if text is None:
            told = Told(words.by_hand(), well=False)
            return _shown(request, view, door, told=told, status=409)
        await book.save(text, digest(before), viewer.account)
    except (SchoolError, ChangedMeanwhile):
        told, status = Told(school_words.changed_meanwhile(), well=False), 409
    except NotWritable as error:
        told, status = Told(school_words.not_writable(book.path, str(error)), well=False), 503
    else:
        told, status = Told(school_words.saved()), 200
    return _shown(request, view, door, told=told, status=status)


def _with_found(text: str, door: Doorway, trial: Trial, do: str) -> str | None:
    if do == "file-power":
        return (
            with_power(text, door.gateway, _powers(door, trial)) if _powers(door, trial) else None
        )
    return with_sides(text, door.id, {n: room for n, room in trial.told.items() if room})


def _powers(door: Doorway, trial: Trial) -> dict[int, float]:
    """What was found, by antenna; nothing where no power was."""
    if trial.found is None or trial.found.dbm is None:
        return {}
    return dict.fromkeys(sorted(door.antennas), float(trial.found.dbm))


def _doorway(request: Request, view: GatewayView, wanted: str) -> Doorway:
    found = _doorways(request.app.state.agent.school, view.id)
    if not found or (wanted and wanted not in found):
        raise HTTPException(404, f"{view.id} serves no doorway{f' {wanted}' if wanted else ''}.")
    return found[wanted] if wanted else next(iter(found.values()))


def _doorways(school: School, gateway: str) -> dict[str, Doorway]:
    return {door.id: door for door in school.doorways.values() if door.gateway == gateway}


def _shown(
    request: Request,
    view: GatewayView,
    door: Doorway,
    *,
    told: Told | None = None,
    heard: list[words.HeardTag] | None = None,
    status: int = 200,
) -> HTMLResponse:
    app = request.app.state
    school: School = app.agent.school
    trial: Trial | None = app.trials.of(door.id)
    context: dict[str, object] = {
        "gateway": view,
        "here": f"/gateways/{view.id}/doorway",
        "state": state(view),
        "door": door,
        "name": words.name(door, school),
        "others": [
            (one.id, words.name(one, school))
            for one in _doorways(school, view.id).values()
            if one.id != door.id
        ],
        "outside": words.outside_warning() if any(map(school.is_outside, door.between)) else "",
        "trial": trial,
        "said": words.shown(trial, school) if trial else None,
        "no_power": words.no_power() if trial and trial.most_dbm is None else "",
        "heard": heard,
        "told": told,
        **(_offers(door, trial, school) if trial else {"power_line": "", "sides": False}),
    }
    return page_with_form(request, "doorway.html", context, status=status)


def _offers(door: Doorway, trial: Trial, school: School) -> Mapping[str, Any]:
    """What of the result the school file does not say yet."""
    powers = _powers(door, trial)
    gateway = school.gateways.get(door.gateway)
    filed = (gateway.power_dbm if gateway else None) or {}
    differs = bool(powers) and any(filed.get(n) != dbm for n, dbm in powers.items())
    told = {n: room for n, room in trial.told.items() if room is not None}
    return {
        "power_line": power_line({**filed, **powers}) if differs else "",
        "sides": told.keys() == door.antennas.keys() and told != door.antennas,
    }
