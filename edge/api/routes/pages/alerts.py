"""`/alerts`: what needs somebody now, who sees to it, and what has settled by itself."""

from collections.abc import Collection
from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from edge.agent.ledger.acknowledging import NOTE_AT_MOST
from edge.api.access import AlertKeeper, FullViewer, lends, refusal, sees_to_alerts
from edge.api.forms import CheckedForm, page_with_form
from edge.api.words.alerts import LEFT, bundles, card
from edge.api.words.times import start_of_day, start_of_tomorrow

router = APIRouter()

AT_ONCE = 100
SETTLED = 30


@router.get("/alerts")
async def alerts_page(request: Request, viewer: FullViewer) -> HTMLResponse:
    """Open alerts, then the newest of those that are closed."""
    app = request.app.state
    school, now = app.agent.school, app.clock()
    opened = await app.agent.queries.alerts(open_only=True, limit=AT_ONCE)
    newest = await app.agent.queries.alerts(open_only=False, limit=AT_ONCE)
    settled = [view for view in newest.items if not view.open][:SETTLED]
    context: dict[str, object] = {
        "opened": bundles(opened.items, school, now),
        "total": opened.total,
        "may_allow": viewer.role in lends.roles,
        "keeper": viewer.role in sees_to_alerts.roles,
        "note_at_most": NOTE_AT_MOST,
        "contact": app.agent.notices.settings.contact,
        "settled": [card(view, school, now) for view in settled],
    }
    return page_with_form(request, "alerts.html", context)


@router.post("/alerts/acknowledge")
async def acknowledge(
    request: Request,
    viewer: AlertKeeper,
    form: CheckedForm,
    alerts: Annotated[str, Form()],
    note: Annotated[str, Form(max_length=NOTE_AT_MOST)] = "",
    allow: Annotated[Literal["today"] | None, Form()] = None,
) -> RedirectResponse:
    """Note that this one sees to these alerts, or let their devices out for today; show them.

    `alerts` are their ids with commas between: a drill has more than a form has fields.
    """
    ids = alerts.split(",")
    if allow is not None:
        if viewer.role not in lends.roles:
            raise refusal(viewer)
        await _allow_today(request, ids)
    if not await request.app.state.agent.acknowledge(ids, viewer.account, note):
        raise HTTPException(404, "One of these alerts is no longer there; look again.")
    return RedirectResponse(f"/alerts#alert-{ids[0]}", status_code=303)


async def _allow_today(request: Request, alerts: Collection[str]) -> None:
    app = request.app.state
    now, zone = app.clock(), app.agent.school.zone
    opened = await app.agent.queries.alerts(open_only=True, limit=AT_ONCE)
    epcs = [view.epc for view in opened.items if view.id in alerts and view.rule in LEFT]
    if epcs:
        await app.agent.allow_exits(epcs, start_of_day(now, zone), start_of_tomorrow(now, zone))
