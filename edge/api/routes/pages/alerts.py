"""`/alerts`: what needs somebody now, who sees to it, and what has settled by itself."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from edge.agent.acknowledging import NOTE_AT_MOST
from edge.api.access import AlertKeeper, FullViewer, sees_to_alerts
from edge.api.forms import CheckedForm, page_with_form
from edge.api.words.alerts import bundles, card

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
        "keeper": viewer.role in sees_to_alerts.roles,
        "note_at_most": NOTE_AT_MOST,
        "settled": [card(view, school, now) for view in settled],
    }
    return page_with_form(request, "alerts.html", context)


@router.post("/alerts/acknowledge")
async def acknowledge(
    request: Request,
    viewer: AlertKeeper,
    form: CheckedForm,
    alert: Annotated[list[str], Form()],
    note: Annotated[str, Form(max_length=NOTE_AT_MOST)] = "",
) -> RedirectResponse:
    """Note that this one sees to these alerts, and show them again."""
    for one in alert:
        if not await request.app.state.agent.acknowledge(one, viewer.account, note):
            raise HTTPException(404, f'There is no alert "{one}".')
    return RedirectResponse(f"/alerts#alert-{alert[0]}", status_code=303)
