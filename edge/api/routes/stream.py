"""`/api/v1/stream`: the carts as they change, as server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from edge.api.access import AnyViewer, Places, is_still
from edge.api.board import BoardFull, LiveBoard, News, Stream
from edge.api.models import Cart
from edge.api.problems import described

router = APIRouter(prefix="/api/v1", tags=["carts"])

RETRY_MS = 2000  # how long a browser waits before it connects again


async def open_stream(request: Request) -> AsyncIterator[Stream]:
    """Open a stream of the board for one request; a FastAPI dependency.

    Raises:
        HTTPException: 503 when too many are open.
    """
    board: LiveBoard = request.app.state.live
    try:
        with board.open() as stream:
            yield stream
    except BoardFull:
        raise HTTPException(
            503, "Too many live pages are open; try again in a minute.", {"retry-after": "60"}
        ) from None


OpenStream = Annotated[Stream, Depends(open_stream)]


@router.get("/stream", response_class=EventSourceResponse, responses=described(503))
async def stream_carts(
    request: Request, stream: OpenStream, viewer: AnyViewer
) -> AsyncIterator[ServerSentEvent]:
    """Event `carts`: an array as of `/carts`, first of all carts, then of those that changed.

    The first change comes at once, later ones together, at most twice a second. A quiet stream
    has an event `beat` every 15 seconds. Whoever connects again gets all carts again, whatever
    id came last.
    """
    async for news in stream.news():
        if not await is_still(request, viewer):
            return
        yield _event(news, viewer.places)


def _event(news: News, places: Places) -> ServerSentEvent:
    snapshot = news.snapshot
    if not news.changed:
        return ServerSentEvent(event="beat", data={"now": news.now}, id=str(snapshot.number))
    return ServerSentEvent(
        event="carts",
        data=[Cart.of(view, with_places=places.of(view)).model_dump() for view in news.changed],
        id=str(snapshot.number),
        retry=RETRY_MS,
    )
