"""Sends a gateway a command for whoever asks, and says in words why there is no answer."""

from typing import Any

import structlog
from fastapi import HTTPException, Request

from edge.agent.link.ask_gateway import NoReply
from edge.agent.link.mqtt_link import LinkError
from edge.agent.shown.views import GatewayView
from edge.api.access import Viewer
from edge.contracts.commands import Command, TagCommand

log = structlog.get_logger()

UNANSWERED = (409, 503, 504)  # why there is no answer; a page tells it in its own words


async def find_gateway(request: Request, gateway: str) -> GatewayView:
    """Return what is known of it; 404 where neither school file nor broker has it."""
    for view in await request.app.state.agent.queries.gateways():
        if view.id == gateway:
            found: GatewayView = view
            return found
    raise HTTPException(404, f'There is no gateway "{gateway}".')


async def command_gateway(
    request: Request, gateway: str, command: Command | TagCommand, viewer: Viewer
) -> dict[str, Any]:
    """Have it done; return the gateway's reply, `ok` among its fields.

    Raises:
        HTTPException: 404 no such gateway; 409 it is offline; 503 no broker; 504 no answer.
    """
    view = await find_gateway(request, gateway)
    if view.state in ("offline", "never heard"):
        raise HTTPException(409, f"{gateway} is {view.state}: it would not hear this.")
    log.info("command", gateway=gateway, do=command.do, by=viewer.account or viewer.by)
    try:
        reply: dict[str, Any] = await request.app.state.agent.command(gateway, command)
    except LinkError as error:
        raise HTTPException(503, f"The broker cannot be reached: {error}.") from error
    except NoReply as error:
        raise HTTPException(504, f"{error} Perhaps it did it all the same.") from error
    return {name: value for name, value in reply.items() if name != "id"}
