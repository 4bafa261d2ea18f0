"""`/api/v1/carts`: how each cart stands."""

from fastapi import APIRouter, HTTPException, Request

from edge.api.access import AnyViewer
from edge.api.models import Cart
from edge.api.problems import described

router = APIRouter(prefix="/api/v1/carts", tags=["carts"])


@router.get("")
async def list_carts(request: Request, viewer: AnyViewer) -> list[Cart]:
    """Every cart of the school, in the order of the school file."""
    state = request.app.state
    views = await state.agent.queries.carts(state.clock())
    return [Cart.of(view, with_places=viewer.places.of(view)) for view in views]


@router.get("/{cart}", responses=described(404))
async def get_cart(cart: str, request: Request, viewer: AnyViewer) -> Cart:
    """One cart."""
    state = request.app.state
    view = await state.agent.queries.cart(cart, state.clock())
    if view is None:
        raise HTTPException(404, f'There is no cart "{cart}" in the school file.')
    return Cart.of(view, with_places=viewer.places.of(view))
