"""The pages people look at, one module each."""

from fastapi import APIRouter

from edge.api.routes.pages import (
    accounts,
    alerts,
    cart,
    carts,
    changes,
    desk,
    device,
    devices,
    doorway,
    gateway,
    gateways,
    importing,
    loans,
    notices,
    own_account,
    place,
    preferences,
    record,
    rooms,
    school,
    sign_in,
    single_sign_on,
)

_PAGES = (
    carts,
    cart,
    rooms,
    importing,  # before devices: its address could be an EPC's
    devices,
    device,
    desk,
    loans,
    alerts,
    notices,
    gateways,
    gateway,
    doorway,
    place,
    record,
    school,
    changes,
    accounts,
    own_account,
    preferences,
    sign_in,
    single_sign_on,
)

router = APIRouter(include_in_schema=False)
for _page in _PAGES:
    router.include_router(_page.router)
