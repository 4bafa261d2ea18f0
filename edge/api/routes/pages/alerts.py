"""`/alerts`: what needs somebody now, and what has settled by itself."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from edge.api.access import FullViewer
from edge.api.rendering import page
from edge.api.words.alerts import card

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
    context = {
        "opened": [card(view, school, now) for view in opened.items],
        "total": opened.total,
        "settled": [card(view, school, now) for view in settled],
    }
    return page(request, "alerts.html", context)
