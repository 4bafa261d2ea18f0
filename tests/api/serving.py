"""Serves an app on a free loopback port from a thread of its own, for clients that block."""

from collections.abc import Callable
from typing import Self

from fastapi import FastAPI

from edge.api.server import PageServer
from tests.support.loop_thread import LoopThread


class Served:
    """A context manager: the page is served at `url` while it lasts."""

    def __init__(self, app: FastAPI, port: int = 0) -> None:
        self._server = PageServer(app, "127.0.0.1", port)
        self._thread = LoopThread("served")

    def __enter__(self) -> Self:
        self._thread.__enter__()
        self._thread.call(self._server.start())
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.call(self._server.stop())
        self._thread.__exit__()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.port

    @property
    def url(self) -> str:
        """Where it is served, without the last slash."""
        return f"http://127.0.0.1:{self.port}"

    def do(self, action: Callable[[], object]) -> None:
        """Run something in the server's loop, and wait until it is done."""

        async def act() -> None:
            action()

        self._thread.call(act())
