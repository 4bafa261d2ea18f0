"""The pages people look at, one module each."""

from fastapi import APIRouter

from edge.api.routes.pages import (
    alerts,
    cart,
    carts,
    changes,
    devices,
    gateway,
    gateways,
    rooms,
    sign_in,
)

router = APIRouter(include_in_schema=False)
for _page in (carts, cart, rooms, devices, alerts, gateways, gateway, changes, sign_in):
    router.include_router(_page.router)
