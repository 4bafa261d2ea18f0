"""`/api/v1/devices`: where each device belongs, was last seen, and is thought to be."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from edge.api.access import sees_all
from edge.api.models import Device, Paged
from edge.api.problems import described
from edge.api.routes.paging import Limit, Offset
from edge.contracts.devices import normal_epc

router = APIRouter(
    prefix="/api/v1/devices",
    tags=["devices"],
    dependencies=[Depends(sees_all)],
    responses=described(403),
)

Search = Annotated[
    str,
    Query(max_length=100, description="Looked for in number, tag, serial, model, cart, room, EPC."),
]


@router.get("")
async def list_devices(
    request: Request, offset: Offset = 0, limit: Limit = 50, q: Search = ""
) -> Paged[Device]:
    """Devices by cart and number, a page at a time."""
    state = request.app.state
    page = await state.agent.queries.devices(offset=offset, limit=limit, query=q.strip())
    now = state.clock()
    items = [Device.of(view, now) for view in page.items]
    return Paged(items=items, total=page.total, offset=page.offset, limit=page.limit)


@router.get("/{epc}", responses=described(404))
async def get_device(epc: str, request: Request) -> Device:
    """One device, or a tag of the school's that has no record yet."""
    state = request.app.state
    normal = normal_epc(epc)
    view = await state.agent.queries.device(normal) if normal else None
    if view is None:
        raise HTTPException(404, f'No device with the EPC "{epc}" is recorded or was seen.')
    return Device.of(view, state.clock())
