"""`/carts/ID`: one cart, slot by slot, its day, and a card to print."""

import segno
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from edge.agent.views import CartView, DeviceView
from edge.api.access import AnyViewer, counts
from edge.api.rendering import page
from edge.api.this_machine import is_this_machine
from edge.api.words import carts
from edge.api.words.cart_day import CartDay, cart_day
from edge.api.words.slots import slots
from edge.api.words.times import start_of_day

router = APIRouter()


@router.get("/carts/{cart}")
async def cart_page(cart: str, request: Request, viewer: AnyViewer) -> HTMLResponse:
    """One cart: its count, and what is in each slot."""
    app = request.app.state
    now, school = app.clock(), app.agent.school
    view = await app.agent.queries.cart(cart, now)
    if view is None:
        raise HTTPException(404, f'There is no cart "{cart}" in the school file.')
    devices = await app.agent.queries.devices_of(cart)
    places = viewer.places.of(view)
    day = await _day(request, view, devices) if places else None
    context = {
        "day": day,
        "card": carts.card(view, now, school.zone, with_places=places),
        "slots": slots(view, devices, school, with_places=places),
        "linked": viewer.sees_all,
    }
    return page(request, "cart_page.html", context)


@router.get("/carts/{cart}/card", dependencies=[Depends(counts)])
async def cart_card(cart: str, request: Request) -> HTMLResponse:
    """A card to print and fix to a cart: its name, and its page's address as a QR code."""
    app = request.app.state
    view = await app.agent.queries.cart(cart, app.clock())
    if view is None:
        raise HTTPException(404, f'There is no cart "{cart}" in the school file.')
    address = str(request.url_for("cart_page", cart=cart))
    context = {
        "cart": view,
        "address": address,
        "qr": Markup(segno.make(address, error="m").svg_inline(scale=8, border=2, omitsize=True)),
        "only_here": is_this_machine(request),
    }
    return page(request, "cart_card.html", context)


async def _day(request: Request, view: CartView, devices: list[DeviceView]) -> CartDay | None:
    app = request.app.state
    now, school = app.clock(), app.agent.school
    since = start_of_day(now, school.zone)
    events = await app.agent.queries.docking(view.id, since)
    inside = sum(device.in_cart == view.id for device in devices)
    here = None if view.present is None else inside
    labels = {device.epc: device.label for device in devices}
    return cart_day(events, here, labels, (since, now), school)
