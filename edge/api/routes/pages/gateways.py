"""`/gateways`: is each reader well?"""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from edge.api.access import FullViewer, keeps_gateways
from edge.api.rendering import page
from edge.api.words.gateways import needs_a_look, state, summary
from edge.api.words.times import moment

router = APIRouter()


@router.get("/gateways")
async def gateways_page(request: Request, viewer: FullViewer) -> HTMLResponse:
    """Each gateway: whether it is heard, and what it says of itself."""
    app = request.app.state
    now, zone = app.clock(), app.agent.school.zone
    gateways = await app.agent.queries.gateways()
    context = {
        "gateways": sorted(gateways, key=lambda one: (one.known, not needs_a_look(one))),
        "summary": summary(gateways),
        "moment": lambda t: moment(t, now, zone),
        "state": state,
        "keeper": viewer.role in keeps_gateways.roles,
    }
    return page(request, "gateways.html", context)
