"""`/live/changes`: tells an open page that it is no longer true."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from edge.accounts.roles import Role
from edge.api.access import AnyViewer, is_still, viewer_of
from edge.api.board import MAX_STREAMS
from edge.api.changes import LiveChanges
from edge.api.routes.stream import RETRY_MS

router = APIRouter()

Topic = Literal["cart", "gateway", "desk", "device", "alert", "school"]


def changes_of(
    request: Request, viewer: AnyViewer, of: Annotated[list[Topic], Query()]
) -> LiveChanges:
    """Return the changes to watch; a FastAPI dependency.

    Raises:
        HTTPException: 403 for what one may not see, 503 when too many watch.
    """
    if viewer.role is Role.BOARD and set(of) != {"cart"}:
        raise HTTPException(403, "The public board hears of carts alone.")
    changes: LiveChanges = request.app.state.changes
    if changes.streams >= MAX_STREAMS:
        raise HTTPException(503, "Too many live pages are open; try again in a minute.")
    return changes


@router.get("/live/changes", response_class=EventSourceResponse)
async def changes_stream(
    request: Request,
    of: Annotated[list[Topic], Query()],
    changes: Annotated[LiveChanges, Depends(changes_of)],
) -> AsyncIterator[ServerSentEvent]:
    """Event `changed` when something of these topics did, at most every two seconds; else `beat`.

    A page asks itself again at a beat too: time alone can make a sentence untrue.
    """
    async for changed in changes.news(of):
        if not await is_still(request, viewer_of(request)):
            return
        now = {"now": request.app.state.clock()}
        yield ServerSentEvent(event="changed" if changed else "beat", data=now, retry=RETRY_MS)
