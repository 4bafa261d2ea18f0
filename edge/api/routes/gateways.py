"""`/api/v1/gateways`, `/alerts`, `/totals`: how the installation itself is."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from edge.api.access import AlertKeeper, GatewayKeeper, counts, sees_all
from edge.api.commanding import command_gateway
from edge.api.models import Acknowledgement, Alert, CommandReply, Gateway, Paged, Totals
from edge.api.problems import described
from edge.api.routes.paging import Limit, Offset
from edge.contracts.commands import Command

router = APIRouter(prefix="/api/v1", tags=["installation"])

OpenOnly = Annotated[bool, Query(description="Leave out those that are closed or retracted.")]


@router.get("/gateways", dependencies=[Depends(sees_all)], responses=described(403))
async def list_gateways(request: Request) -> list[Gateway]:
    """Every gateway that the school file names or that was heard."""
    views = await request.app.state.agent.queries.gateways()
    return [Gateway.of(view) for view in views]


@router.post("/gateways/{gateway}/commands", responses=described(403, 404, 409, 503, 504))
async def command(
    gateway: str, request: Request, viewer: GatewayKeeper, asked: Command
) -> CommandReply:
    """Have a gateway do something, and wait for its answer."""
    reply = await command_gateway(request, gateway, asked, viewer)
    return CommandReply(gateway=gateway, do=asked.do, ok=reply.pop("ok", False) is True, said=reply)


@router.get("/alerts", dependencies=[Depends(sees_all)], responses=described(403))
async def list_alerts(
    request: Request, open_only: OpenOnly = True, offset: Offset = 0, limit: Limit = 50
) -> Paged[Alert]:
    """Alerts, the newest first."""
    queries = request.app.state.agent.queries
    page = await queries.alerts(open_only=open_only, offset=offset, limit=limit)
    items = [Alert.model_validate(view) for view in page.items]
    return Paged(items=items, total=page.total, offset=page.offset, limit=page.limit)


@router.post("/alerts/{alert}/acknowledge", status_code=204, responses=described(403, 404))
async def acknowledge_alert(
    alert: str, request: Request, viewer: AlertKeeper, said: Acknowledgement
) -> None:
    """Note that somebody sees to an alert; a second note replaces the first."""
    if not await request.app.state.agent.acknowledge([alert], viewer.account, said.note):
        raise HTTPException(404, f'There is no alert "{alert}".')


@router.get("/totals", dependencies=[Depends(counts)])
async def get_totals(request: Request) -> Totals:
    """The books: batches and reads taken over, repeated, quarantined and lost."""
    return Totals.model_validate(await request.app.state.agent.queries.totals())
