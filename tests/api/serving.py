"""Serves an app on a free loopback port from a thread of its own, for clients that block."""

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType

from fastapi import FastAPI

from edge.api.server import PageServer

DEADLINE_S = 10


class Served:
    """A context manager: the page is served at `url` while it lasts."""

    def __init__(self, app: FastAPI, port: int = 0) -> None:
        self._app = app
        self._wanted_port = port
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="served")

    def __enter__(self) -> "Served":
        self._thread.start()
        assert self._up.wait(DEADLINE_S), "the server did not come up"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive(), "the server did not stop"

    @property
    def url(self) -> str:
        """Where it is served, without the last slash."""
        return f"http://127.0.0.1:{self.port}"

    def do(self, action: Callable[[], object]) -> None:
        """Run something in the server's loop, and wait until it is done."""
        done = threading.Event()

        def act() -> None:
            action()
            done.set()

        self._loop.call_soon_threadsafe(act)
        assert done.wait(DEADLINE_S)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        server = PageServer(self._app, "127.0.0.1", self._wanted_port)
        await server.start()
        self.port = server.port
        self._up.set()
        await self._end.wait()
        await server.stop()
