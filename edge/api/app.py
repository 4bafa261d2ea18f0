"""Puts the API and the pages together over one agent."""

import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

from edge.agent.live import Change
from edge.api import problems
from edge.api.access import Identify, Who, without_accounts
from edge.api.board import LiveBoard
from edge.api.changes import LiveChanges
from edge.api.door import Door
from edge.api.guards import describe_roles, refuse_unguarded
from edge.api.headers import SecurityHeaders
from edge.api.languages import Languages
from edge.api.pending import PendingLists
from edge.api.ports import Agent
from edge.api.routes import carts, custody, devices, gateways, health, pages, stream, updates
from edge.api.updating import Updates
from edge.commissioning.trials import Trials

BEAT_S = 15.0  # a live page hears at least this often that nothing has changed

_STATIC = Path(__file__).parent / "static"


def create_app(
    agent: Agent,
    clock: Callable[[], float] = time.time,
    beat_s: float = BEAT_S,
    door: Door | None = None,
    who: Who | None = None,
    data: Path | None = None,
) -> FastAPI:
    """Make the application; `clock` gives Unix seconds, `door` lets people sign in.

    `who` tells who asks, in place of the door; `data` holds the updates that gateways fetch.

    Its live stream, `app.state.live`, is started and stopped by who serves it: see server.py.
    """
    app = FastAPI(
        title="Rollcall",
        version=version("rollcall"),
        summary="Where a school's devices are, by cart, room and device.",
        docs_url=None,  # FastAPI's own page loads scripts from elsewhere
        redoc_url=None,
    )
    app.state.agent = agent
    app.state.clock = clock
    app.state.door = door
    app.state.data = data
    app.state.live = LiveBoard(agent, clock, beat_s)
    app.state.pending = PendingLists(clock)
    app.state.changes = LiveChanges(agent.live, beat_s)

    def changed(gateway: str) -> None:
        agent.live.publish([Change("gateway", gateway)])

    app.state.trials = Trials(agent.command, agent.listening, clock, changed)
    app.state.updates = Updates(agent.update, clock, changed)
    app.add_middleware(Identify, who=who or (door.who if door else without_accounts))
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Languages)
    problems.install(app)
    for module in (carts, devices, custody, gateways, updates, stream, health, pages):
        app.include_router(module.router)
    refuse_unguarded(app.routes)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Describe the API; wrong requests are answered with problems, not in FastAPI's own shape."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, summary=app.summary, routes=app.routes
        )
        problems.describe(schema)
        describe_roles(schema, app.routes)
        app.openapi_schema = schema
    return app.openapi_schema
