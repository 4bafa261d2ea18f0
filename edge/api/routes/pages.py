"""The pages, and the stream that keeps an open cart page up to date."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from edge.api import wording
from edge.api.access import AnyViewer, FullViewer, Viewer
from edge.api.board import Snapshot
from edge.api.rendering import page, part
from edge.api.routes.stream import RETRY_MS, OpenStream
from edge.contracts.school import School

router = APIRouter(include_in_schema=False)


@router.get("/")
async def carts_page(request: Request, viewer: AnyViewer) -> HTMLResponse:
    """Each cart: how many are here, and which are not."""
    state = request.app.state
    now = state.clock()
    zone = state.agent.school.zone
    views = await state.agent.queries.carts(now)
    cards = [wording.card(view, now, zone, with_places=viewer.sees_all) for view in views]
    context = {
        "cards": cards,
        "summary": wording.summary(cards),
        "age_words": wording.AGE_WORDS,
        "quiet_words": wording.QUIET_WORDS,
        "beat_s": state.live.beat_s,
    }
    return page(request, "carts.html", context)


@router.get("/live/carts", response_class=EventSourceResponse)
async def carts_page_stream(
    request: Request, stream: OpenStream, viewer: AnyViewer
) -> AsyncIterator[ServerSentEvent]:
    """Tell an open cart page its parts that changed, as HTML: the words are made in one place."""
    async for news in stream.news():
        snapshot = news.snapshot
        if not news.changed:
            yield ServerSentEvent(event="beat", data={"now": news.now})
            continue
        parts = _parts(snapshot, request.app.state.agent.school, viewer)
        changed = [parts[view.id] for view in news.changed]
        data = {
            "now": news.now,
            "order": list(snapshot.carts),
            "parts": [*changed, parts[_SUMMARY]],
        }
        yield ServerSentEvent(event="cards", data=data, id=str(snapshot.number), retry=RETRY_MS)


@router.get("/gateways")
async def gateways_page(request: Request, viewer: FullViewer) -> HTMLResponse:
    """Each gateway: whether it is heard, and what it says of itself."""
    state = request.app.state
    now, zone = state.clock(), state.agent.school.zone
    context = {
        "gateways": await state.agent.queries.gateways(),
        "moment": lambda t: wording.moment(t, now, zone),
    }
    return page(request, "gateways.html", context)


_SUMMARY = ""  # among cart ids, which are never empty


def _parts(snapshot: Snapshot, school: School, viewer: Viewer) -> dict[str, str]:
    """Render every part of the page once for all tabs of such viewers."""
    rendered = snapshot.memo.get(viewer)
    if rendered is None:
        cards = [
            wording.card(view, snapshot.now, school.zone, with_places=viewer.sees_all)
            for view in snapshot.carts.values()
        ]
        rendered = {card.id: part("cart.html", {"card": card}) for card in cards}
        rendered[_SUMMARY] = part("summary.html", {"summary": wording.summary(cards)})
        snapshot.memo[viewer] = rendered
    return rendered
