"""Serves the page and the API in the agent's own loop; the agent owns the signals."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec
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


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """The port of HTTPS, and the PEM files it is served with."""

    port: int
    certificate: Path
    key: Path


class PageServer:
    """Serves one app, with `tls` over HTTPS besides, on the same address.

    `start` returns when it answers; `stop` when nothing is left of it.
    """

    def __init__(self, app: FastAPI, host: str, port: int, tls: Tls | None = None) -> None:
        self._app = app
        self._doors = [_Listening(app, host, port, "port")]
        if tls is not None:
            self._doors.append(_Listening(app, host, tls.port, "tls_port", tls))

    @property
    def port(self) -> int:
        """The port it listens on: a free one when 0 was asked for."""
        return self._doors[0].port

    async def start(self) -> None:
        """Listen and serve.

        Raises:
            CannotListen: a port is taken, or the address is not this machine's.
        """
        for door in self._doors:
            door.listen()
        self._app.state.live.start()
        for door in self._doors:
            await door.serve()

    async def stop(self) -> None:
        """End the open streams, then finish what is under way, then close."""
        self._app.state.changes.close()
        await self._app.state.trials.close()
        await self._app.state.updates.close()
        await self._app.state.live.stop()
        await asyncio.gather(*(door.stop() for door in self._doors))


class _Listening:
    """One port."""

    def __init__(
        self, app: FastAPI, host: str, port: int, setting: str, tls: Tls | None = None
    ) -> None:
        self.port = port
        self._host = host
        self._setting = setting
        self._listener: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None
        config = uvicorn.Config(
            app,
            access_log=False,
            lifespan="off",  # the live stream is started and stopped by PageServer, in order
            log_config=None,
            proxy_headers=False,  # a forwarded request must be seen as one: see this_machine.py
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
            ssl_certfile=tls.certificate if tls else None,
            ssl_keyfile=tls.key if tls else None,
        )
        self._server = _Server(config)

    def listen(self) -> None:
        self._listener = _listen(self._host, self.port, self._setting)
        self.port = self._listener.getsockname()[1]

    async def serve(self) -> None:
        listeners = [self._listener] if self._listener else []
        self._task = asyncio.create_task(self._server.serve(listeners), name="page-server")
        while not self._server.started:
            if self._task.done():
                self._task.result()  # raises what went wrong
                raise CannotListen(f"the page on {self._host} port {self.port} did not start")
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        self._server.should_exit = True
        if self._task is not None:
            await self._task
            self._task = None
        elif self._listener is not None:
            self._listener.close()


def _listen(host: str, port: int, setting: str) -> socket.socket:
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
        raise CannotListen(_sentence(host, port, setting, error)) from error
    listener.setblocking(False)
    return listener


def _sentence(host: str, port: int, setting: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        where = f"[http] {setting} in rollcall.toml"
        return f"port {port} on {host} is taken; choose another with {where}"
    if error.errno == errno.EACCES:
        return f"port {port} needs root; choose one above 1023 with [http] {setting}"
    reason = error.strerror
    return f"cannot serve the page on {host} port {port}: {reason}; set [http] host and {setting}"
