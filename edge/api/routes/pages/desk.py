"""`/desk`: what lies on a desk's reader, lent, taken back, and written in one step each."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from edge.agent.database import DatabaseError
from edge.agent.views import DeviceView
from edge.api.access import DeskKeeper, Viewer, keeps_tags, lends, refusal, sees_loans
from edge.api.commanding import find_gateway
from edge.api.forms import CheckedForm, Form, page_with_form
from edge.api.not_done import NotDone
from edge.api.rendering import page
from edge.api.tag_writing import Wish, write_tag
from edge.api.words import desk as words
from edge.api.words.commanding import Told
from edge.contracts.school import Desk
from edge.custody.loans import CustodyError, Loan, Unknown

router = APIRouter()

_PSEUDONYM = re.compile(r"cust_[0-9a-f]{8}")


def _not_done(why: words.Why, status: int = 422, **named: str) -> NotDone:
    return NotDone(words.not_done(why, **named), status)


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
    app = request.app.state
    school, now = app.agent.school, app.clock()
    device = await _chosen(request, desk, form["device"])
    holder = form["holder"].strip()
    if not holder:
        raise _not_done("nobody")
    due = _end_of(form["due"], request)
    if due is not None and due <= now:
        raise _not_done("over")
    known = _PSEUDONYM.fullmatch(holder) is not None
    to = {"holder": holder} if known else {"name": holder}
    try:
        loan: Loan = await app.agent.custody.lend(device.epc, due=due, **to)
    except Unknown as error:
        raise _not_done("no holder", 404, holder=holder) from error
    except CustodyError as error:
        raise _not_done("lent", 409, label=device.label) from error
    return Told(words.lent(device.label, loan, school, now))


async def _chosen(request: Request, desk: Desk, epc: str) -> DeviceView:
    """The device that a form names, else the one on the desk that can be lent."""
    app = request.app.state
    if epc:
        named: DeviceView | None = await app.agent.queries.device(epc)
        if named is None or not named.recorded:
            raise _not_done("no device", 404)
        return named
    lying = await app.agent.queries.devices_on(desk.id, app.clock())
    recorded = [view for view in lying if view.recorded]
    loans = await app.agent.custody.open_loans([view.epc for view in recorded]) if recorded else {}
    free: list[DeviceView] = [view for view in recorded if view.epc not in loans]
    if len(free) == 1:
        return free[0]
    if free:
        raise _not_done("several")
    raise _not_done("none", 409)


def _end_of(text: str, request: Request) -> float | None:
    """The end of a day that a form names, in school time; None where it names none."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
        return datetime.combine(day, time.max, request.app.state.agent.school.zone).timestamp()
    except (ValueError, OverflowError) as error:
        raise _not_done("no date") from error


async def _take_back(request: Request, desk: Desk, viewer: Viewer, form: Form) -> Told:
    agent = request.app.state.agent
    number = form["loan"]
    if not (number.isascii() and number.isdecimal() and len(number) < 16):
        raise _not_done("no loan", 404)
    try:
        loan: Loan = await agent.custody.take_back(int(number))
    except CustodyError as error:
        raise _not_done("no loan", 404) from error
    view: DeviceView | None = await agent.queries.device(loan.epc)
    return Told(words.back(view.label if view else loan.epc))


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
