"""`/`: are all back, and which number is missing? Kept up to date."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from edge.api.access import AnyViewer, Places, is_still
from edge.api.board import Snapshot
from edge.api.rendering import page, part
from edge.api.routes.stream import RETRY_MS, OpenStream
from edge.api.words import carts
from edge.api.words.language import language
from edge.contracts.school import School

router = APIRouter()


@router.get("/")
async def carts_page(request: Request, viewer: AnyViewer) -> HTMLResponse:
    """Each cart: how many are here, and which are not."""
    state = request.app.state
    now = state.clock()
    zone = state.agent.school.zone
    views = await state.agent.queries.carts(now)
    cards = [carts.card(view, now, zone, with_places=viewer.places.of(view)) for view in views]
    context = {
        "cards": cards,
        "summary": carts.summary(cards),
    }
    return page(request, "carts.html", context)


@router.get("/live/carts", response_class=EventSourceResponse)
async def carts_page_stream(
    request: Request, stream: OpenStream, viewer: AnyViewer
) -> AsyncIterator[ServerSentEvent]:
    """Tell an open cart page its parts that changed, as HTML: the words are made in one place."""
    async for news in stream.news():
        if not await is_still(request, viewer):
            return
        snapshot = news.snapshot
        if not news.changed:
            yield ServerSentEvent(event="beat", data={"now": news.now})
            continue
        parts = _parts(snapshot, request.app.state.agent.school, viewer.places)
        changed = [parts[view.id] for view in news.changed]
        data = {
            "now": news.now,
            "order": list(snapshot.carts),
            "parts": [*changed, parts[_SUMMARY]],
        }
        yield ServerSentEvent(event="cards", data=data, id=str(snapshot.number), retry=RETRY_MS)


_SUMMARY = ""  # among cart ids, which are never empty


def _parts(snapshot: Snapshot, school: School, places: Places) -> dict[str, str]:
    """Render every part of the page once for all tabs of such viewers in such a language."""
    who = (places, language())
    rendered = snapshot.memo.get(who)
    if rendered is None:
        cards = [
            carts.card(view, snapshot.now, school.zone, with_places=places.of(view))
            for view in snapshot.carts.values()
        ]
        rendered = {card.id: part("cart.html", {"card": card}) for card in cards}
        rendered[_SUMMARY] = part("summary.html", {"summary": carts.summary(cards)})
        snapshot.memo[who] = rendered
    return rendered
