"""Viewers for tests, and an app that takes every request to be one of them's."""

import asyncio
from typing import Any

from fastapi import FastAPI
from starlette.requests import HTTPConnection

from edge.accounts.roles import Role
from edge.api.access import Viewer, Who

NOBODY = Viewer(role=None, can_sign_in=True)
OWN_ROOM = "r101"


def a_viewer(role: Role | None, *rooms: str) -> Viewer:
    """One with this role, who signed in where the role is an account's."""
    if role is None:
        return NOBODY
    if role is Role.BOARD:
        return Viewer(role=role, can_sign_in=True)
    own = frozenset(rooms or (OWN_ROOM,)) if role is Role.TEACHER else frozenset()
    return Viewer(role=role, by="session", account="someone", own_rooms=own, can_sign_in=True)


def always(viewer: Viewer) -> Who:
    """Everybody is this one."""

    async def who(connection: HTTPConnection) -> Viewer:
        return viewer

    return who


def status_of(app: FastAPI, method: str, path: str) -> int:
    """Ask, and hang up as soon as the status is known: a stream would never end."""

    async def ask() -> int:
        answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def receive() -> dict[str, Any]:
            if not asked:
                asked.append(True)
                return {"type": "http.request", "body": b"", "more_body": False}
            return await asyncio.get_running_loop().create_future()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start" and not answered.done():
                answered.set_result(message["status"])

        asked: list[bool] = []
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"rollcall.local")],
            "client": ("192.0.2.20", 50123),
            "server": ("192.0.2.10", 8443),
            "state": {},
        }
        asking = asyncio.create_task(app(scope, receive, send))
        await asyncio.wait([asking, answered], return_when=asyncio.FIRST_COMPLETED, timeout=20)
        asking.cancel()
        await asyncio.wait([asking])
        return answered.result()

    return asyncio.run(ask())
