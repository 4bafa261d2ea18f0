"""`/devices`: all devices, searched and paged by the server."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from edge.api.access import FullViewer, keeps_desk
from edge.api.rendering import page
from edge.api.routes.paging import MAX_OFFSET
from edge.api.words import devices

router = APIRouter()

AT_ONCE = 50

Number = Annotated[int, Query(ge=1, le=MAX_OFFSET // AT_ONCE, description="Which page.")]
Search = Annotated[str, Query(max_length=100)]
New = Annotated[Literal["yes"] | None, Query(description="Only tags without a record.")]


@router.get("/devices")
async def devices_page(
    request: Request, viewer: FullViewer, q: Search = "", number: Number = 1, new: New = None
) -> HTMLResponse:
    """Devices by cart and number, searched and paged by the server; `new`: without a record."""
    app = request.app.state
    query = q.strip()
    found = await app.agent.queries.devices(
        offset=(number - 1) * AT_ONCE, limit=AT_ONCE, query=query, new=new is not None
    )
    now = app.clock()
    context = {
        "query": query,
        "new": new is not None,
        "new_tags": (await app.agent.queries.devices(limit=1, new=True)).total,
        "rows": [devices.row(view, app.agent.school, now) for view in found.items],
        "total": found.total,
        "first": found.offset + 1,
        "number": number,
        "keeper": viewer.role in keeps_desk.roles,
        "last": max(1, -(-found.total // AT_ONCE)),
    }
    return page(request, "devices.html", context)
