"""Serves the page and the API in the agent's own loop; the agent owns the signals."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

GRACE_S = 1  # an answer under way gets this long; the whole agent has 3 s to stop


class CannotListen(Exception):
    """The address cannot be served on; the text is one line that names the setting."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the agent."""
        yield


class PageServer:
    """One listening server. `start` returns when it answers; `stop` when nothing is left of it."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._task: asyncio.Task[None] | None = None
        config = uvicorn.Config(
            app,
            access_log=False,
            lifespan="off",  # the live stream is started and stopped here, in order
            log_config=None,
            proxy_headers=False,  # a forwarded request must be seen as one: see access.py
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        self._server = _Server(config)

    @property
    def port(self) -> int:
        """The port it listens on: a free one when 0 was asked for."""
        return self._port

    async def start(self) -> None:
        """Listen and serve.

        Raises:
            CannotListen: the port is taken, or the address is not this machine's.
        """
        listener = _listen(self._host, self._port)
        self._port = listener.getsockname()[1]
        self._app.state.live.start()
        self._task = asyncio.create_task(self._server.serve([listener]), name="page-server")
        while not self._server.started:
            if self._task.done():
                self._task.result()  # raises what went wrong
                raise CannotListen(f"the page on {self._host} port {self._port} did not start")
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """End the open streams, then finish what is under way, then close."""
        self._app.state.changes.close()
        await self._app.state.live.stop()
        self._server.should_exit = True
        if self._task is not None:
            await self._task
            self._task = None


def _listen(host: str, port: int) -> socket.socket:
    """Listen by ourselves: uvicorn would end the process when it cannot."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotListen(f"cannot serve the page on {host}: {error.strerror}") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise CannotListen(_sentence(host, port, error)) from error
    listener.setblocking(False)
    return listener


def _sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken; choose another with [http] port in rollcall.toml"
    if error.errno == errno.EACCES:
        return f"port {port} needs root; choose one above 1023 with [http] port in rollcall.toml"
    reason = error.strerror
    return f"cannot serve the page on {host} port {port}: {reason}; set [http] host and port"
