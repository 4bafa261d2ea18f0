"""`/desk`: what lies on a desk's reader, lent, taken back, and written in one step each."""

from collections.abc import Mapping

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from edge.agent.shown.views import DeviceView
from edge.agent.storage.database import DatabaseError
from edge.api.access import DeskKeeper, Viewer, keeps_tags, lends, refusal, sees_loans
from edge.api.commanding import find_gateway
from edge.api.forms import CheckedForm, Form, page_with_form
from edge.api.lending import lend, not_done, take_back
from edge.api.not_done import NotDone
from edge.api.rendering import page
from edge.api.tag_writing import Wish, write_tag
from edge.api.words import desk as words
from edge.api.words.commanding import Told
from edge.contracts.school import Desk
from edge.custody.loans import Loan

router = APIRouter()


@router.get("/desk")
async def desks_page(request: Request, viewer: DeskKeeper) -> Response:
    """The school's one desk, or which there are."""
    school = request.app.state.agent.school
    desks = list(school.desks.values())
    if len(desks) == 1:
        return RedirectResponse(f"/desk/{desks[0].id}", status_code=303)
    named = [(desk.id, words.desk_name(desk), school.rooms[desk.room].name) for desk in desks]
    return page(request, "desks.html", {"desks": named})


@router.get("/desk/{desk}")
async def desk_page(desk: str, request: Request, viewer: DeskKeeper) -> HTMLResponse:
    """One desk: what lies on it, and the forms for what one may do."""
    return await _shown(request, _find_desk(request, desk), viewer)


@router.post("/desk/{desk}")
async def at_the_desk(
    desk: str, request: Request, viewer: DeskKeeper, form: CheckedForm
) -> HTMLResponse:
    """Do what a form says, and show the same page with what came of it."""
    found = _find_desk(request, desk)
    acts = {"lend": (_lend, lends), "take-back": (_take_back, lends), "write": (_write, keeps_tags)}
    act, allowed = acts.get(form["do"], (None, lends))
    if act is None:
        raise HTTPException(422, f"do: one of {', '.join(acts)}.")
    if viewer.role not in allowed.roles:
        raise refusal(viewer)
    try:
        told, status = await act(request, found, viewer, form), 200
    except NotDone as error:
        told, status = error.told, error.status
    except DatabaseError:
        told, status = words.not_done("no database"), 503
    return await _shown(request, found, viewer, form=form, told=told, status=status)


async def _lend(request: Request, desk: Desk, viewer: Viewer, form: Form) -> Told:
    return await lend(request, await _chosen(request, desk, form["device"]), form)


async def _chosen(request: Request, desk: Desk, epc: str) -> DeviceView:
    """The device that a form names, else the one on the desk that can be lent."""
    app = request.app.state
    if epc:
        named: DeviceView | None = await app.agent.queries.device(epc)
        if named is None or not named.recorded:
            raise not_done("no device", 404)
        return named
    lying = await app.agent.queries.devices_on(desk.id, app.clock())
    recorded = [view for view in lying if view.recorded]
    loans = await app.agent.custody.open_loans([view.epc for view in recorded]) if recorded else {}
    free: list[DeviceView] = [view for view in recorded if view.epc not in loans]
    if len(free) == 1:
        return free[0]
    if free:
        raise not_done("several")
    raise not_done("none", 409)


async def _take_back(request: Request, desk: Desk, viewer: Viewer, form: Form) -> Told:
    return await take_back(request, form)


async def _write(request: Request, desk: Desk, viewer: Viewer, form: Form) -> Told:
    wish = Wish(form["asset_tag"].strip(), bool(form["new"]), bool(form["replace"]))
    return await write_tag(request, desk, viewer, wish)


def _find_desk(request: Request, desk: str) -> Desk:
    found: Desk | None = request.app.state.agent.school.desks.get(desk)
    if found is None:
        raise HTTPException(404, f'There is no desk "{desk}" in the school file.')
    return found


async def _shown(
    request: Request,
    desk: Desk,
    viewer: Viewer,
    *,
    form: Form | None = None,
    told: Told | None = None,
    status: int = 200,
) -> HTMLResponse:
    app = request.app.state
    school, now = app.agent.school, app.clock()
    views = await app.agent.queries.devices_on(desk.id, now)
    loans = await _loans(request, viewer, views)
    on = words.on_desk(views, loans, school, now)
    gateway = await find_gateway(request, desk.gateway)
    again = form if told is not None and not told.well else None  # filled in as it was
    context: dict[str, object] = {
        "desk": desk,
        "name": words.desk_name(desk),
        "room": school.rooms[desk.room].name or desk.room,
        "on": on,
        "free": [one for one in on if not one.new and one.loan is None],
        "summary": words.summary(on, gateway),
        "lends": viewer.role in lends.roles,
        "writes": viewer.role in keeps_tags.roles,
        "asset_tag": again["asset_tag"] if again else "",
        "holder": again["holder"] if again else "",
        "due": (form["due"] if form else "") or words.usual_due(school, now).isoformat(),
        "told": told,
    }
    return page_with_form(request, "desk.html", context, status=status)


async def _loans(request: Request, viewer: Viewer, views: list[DeviceView]) -> Mapping[str, Loan]:
    """The open loans of what lies there, for those who may know of them."""
    if viewer.role not in sees_loans.roles or not views:
        return {}
    found: dict[str, Loan] = await request.app.state.agent.custody.open_loans(
        [view.epc for view in views]
    )
    return found
