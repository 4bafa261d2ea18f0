"""`/carts/ID`: one cart, slot by slot, its day, and a card to print."""

import segno
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from edge.agent.shown.views import CartView, DeviceView
from edge.api.access import AnyViewer, GatewayKeeper, Viewer, counts, keeps_gateways
from edge.api.commanding import UNANSWERED, command_gateway
from edge.api.forms import CheckedForm, page_with_form
from edge.api.rendering import page
from edge.api.this_machine import is_this_machine
from edge.api.words import carts
from edge.api.words.cart_day import CartDay, cart_day
from edge.api.words.commanding import Told, counted, not_answered
from edge.api.words.slots import slots
from edge.api.words.times import start_of_day
from edge.contracts.commands import Sweep

router = APIRouter()


@router.get("/carts/{cart}")
async def cart_page(cart: str, request: Request, viewer: AnyViewer) -> HTMLResponse:
    """One cart: its count, and what is in each slot."""
    return await _shown(request, await _find_cart(request, cart), viewer)


@router.post("/carts/{cart}")
async def count_again(
    cart: str, request: Request, viewer: GatewayKeeper, form: CheckedForm
) -> HTMLResponse:
    """Have the cart's gateway sweep, and show the same page with what it heard."""
    view = await _find_cart(request, cart)
    sweep = Sweep(do="sweep")
    try:
        reply = await command_gateway(request, view.gateway, sweep, viewer)
    except HTTPException as error:
        if error.status_code not in UNANSWERED:
            raise
        told, status = not_answered(error.status_code), error.status_code
        return await _shown(request, view, viewer, told=told, status=status)
    devices = await request.app.state.agent.queries.devices_of(cart)
    told = counted(reply, {device.epc: device.label for device in devices if device.cart == cart})
    return await _shown(request, await _find_cart(request, cart), viewer, told=told)


@router.get("/carts/{cart}/card", dependencies=[Depends(counts)])
async def cart_card(cart: str, request: Request) -> HTMLResponse:
    """A card to print and fix to a cart: its name, and its page's address as a QR code."""
    view = await _find_cart(request, cart)
    address = str(request.url_for("cart_page", cart=cart))
    context = {
        "cart": view,
        "address": address,
        "qr": Markup(segno.make(address, error="m").svg_inline(scale=8, border=2, omitsize=True)),
        "only_here": is_this_machine(request),
    }
    return page(request, "cart_card.html", context)


async def _find_cart(request: Request, cart: str) -> CartView:
    app = request.app.state
    view: CartView | None = await app.agent.queries.cart(cart, app.clock())
    if view is None:
        raise HTTPException(404, f'There is no cart "{cart}" in the school file.')
    return view


async def _shown(
    request: Request,
    view: CartView,
    viewer: Viewer,
    *,
    told: Told | None = None,
    status: int = 200,
) -> HTMLResponse:
    app = request.app.state
    now, school = app.clock(), app.agent.school
    devices = await app.agent.queries.devices_of(view.id)
    places = viewer.places.of(view)
    keeper = viewer.role in keeps_gateways.roles
    context: dict[str, object] = {
        "day": await _day(request, view, devices) if places else None,
        "card": carts.card(view, now, school.zone, with_places=places),
        "slots": slots(view, devices, school, with_places=places),
        "linked": viewer.sees_all,
        "keeper": keeper,
        "told": told,
    }
    render = page_with_form if keeper else page
    return render(request, "cart_page.html", context, status=status)


async def _day(request: Request, view: CartView, devices: list[DeviceView]) -> CartDay | None:
    app = request.app.state
    now, school = app.clock(), app.agent.school
    since = start_of_day(now, school.zone)
    events = await app.agent.queries.docking(view.id, since)
    inside = sum(device.in_cart == view.id for device in devices)
    here = None if view.present is None else inside
    labels = {device.epc: device.label for device in devices}
    return cart_day(events, here, labels, (since, now), school)
