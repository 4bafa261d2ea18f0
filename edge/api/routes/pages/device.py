"""`/devices/EPC`: where is number 14, why is it thought to be there, and who has it?"""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from edge.agent.ledger.timeline import Happening
from edge.agent.shown.views import DeviceView
from edge.agent.storage.database import DatabaseError
from edge.api.access import FullViewer, Viewer, keeps_desk, lends, sees_loans
from edge.api.forms import CheckedForm, Form, page_with_form
from edge.api.lending import lend, take_back
from edge.api.not_done import NotDone
from edge.api.routes.pages.devices import AT_ONCE, Number
from edge.api.words import desk, devices, levels, timeline
from edge.api.words.alerts import card
from edge.api.words.commanding import Told
from edge.contracts.devices import normal_epc
from edge.custody.loans import Loan

router = APIRouter()

ALERTS = 10  # open ones of one device: one has never so many


@router.get("/devices/{epc}")
async def device_page(
    epc: str, request: Request, viewer: FullViewer, number: Number = 1
) -> HTMLResponse:
    """One device: what is said of it, and what that rests on."""
    return await _shown(request, await _find_device(request, epc), viewer, number)


@router.post("/devices/{epc}")
async def lend_or_take_back(
    epc: str, request: Request, viewer: Annotated[Viewer, Depends(lends)], form: CheckedForm
) -> HTMLResponse:
    """Do what a form says, and show the same page with what came of it."""
    view = await _find_device(request, epc)
    if form["do"] not in ("lend", "take-back"):
        raise HTTPException(422, "do: one of lend, take-back.")
    try:
        act = lend(request, view, form) if form["do"] == "lend" else take_back(request, form)
        told, status = await act, 200
    except NotDone as error:
        told, status = error.told, error.status
    except DatabaseError:
        told, status = desk.not_done("no database"), 503
    return await _shown(request, view, viewer, form=form, told=told, status=status)


async def _find_device(request: Request, epc: str) -> DeviceView:
    normal = normal_epc(epc)
    view: DeviceView | None = None
    if normal:
        view = await request.app.state.agent.queries.device(normal)
    if view is None:
        raise HTTPException(404, f'No device with the EPC "{epc}" is recorded or was seen.')
    return view


async def _shown(
    request: Request,
    view: DeviceView,
    viewer: Viewer,
    number: int = 1,
    *,
    form: Form | None = None,
    told: Told | None = None,
    status: int = 200,
) -> HTMLResponse:
    app = request.app.state
    queries, school, now = app.agent.queries, app.agent.school, app.clock()
    found = await queries.timeline(view.epc, offset=(number - 1) * AT_ONCE, limit=AT_ONCE)
    alerts = await queries.alerts(open_only=True, limit=ALERTS, epc=view.epc)
    loans = await _loans(request, view, viewer)
    again = form if told is not None and not told.well else None  # filled in as it was
    context: dict[str, object] = {
        "device": view,
        "said": devices.statements(view, school, now),
        "days": timeline.days(found.items, view.label, school, now),
        "plot": await _plot(request, view, found.items) if number == 1 else None,
        "alerts": [card(alert, school, now) for alert in alerts.items],
        "sees_loans": loans is not None,
        "loan": loans[0] if loans else None,
        "lends": viewer.role in lends.roles,
        "holder": again["holder"] if again else "",
        "due": (form["due"] if form else "") or desk.usual_due(school, now).isoformat(),
        "number": number,
        "keeper": viewer.role in keeps_desk.roles,
        "last": max(1, -(-found.total // AT_ONCE)),
        "told": told,
    }
    return page_with_form(request, "device.html", context, status=status)


async def _plot(request: Request, view: DeviceView, found: list[Happening]) -> levels.Plot | None:
    """The reads behind the newest statement that rests on some."""
    app = request.app.state
    behind = levels.behind(found, app.agent.school)
    if behind is None:
        return None
    window, at = behind
    heard = await app.agent.queries.heard(view.epc, window)
    return levels.plot(heard, window.gateway, at, app.agent.school)


async def _loans(request: Request, view: DeviceView, viewer: Viewer) -> list[desk.LoanLine] | None:
    """The device's open loan, if any; None for those who may not know, and while nobody can."""
    if viewer.role not in sees_loans.roles or not view.recorded:
        return None
    app = request.app.state
    try:
        found: dict[str, Loan] = await app.agent.custody.open_loans([view.epc])
    except DatabaseError:
        return None
    return [desk.loan_line(loan, app.agent.school, app.clock()) for loan in found.values()]
