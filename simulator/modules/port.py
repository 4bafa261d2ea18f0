"""Serving an emulated module on a pseudo-terminal or a TCP port, in an asyncio loop.

Each port is driven by its client's bytes and by one timer set to the module's next event, so an
idle module costs nothing and many can live in one process.
"""

from __future__ import annotations

import asyncio
import os
import random
import termios
import tty
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import cast

from simulator.modules.line import Sent
from simulator.modules.module import EmulatedModule

# Bytes that a client has not taken yet: what a gateway's own UART buffer holds. The oldest whole
# frames go when it overflows, as at a receiver that is not read, and are counted as overrun.
OUTBOX_BYTES = 16 * 1024


async def serve_tcp(module: EmulatedModule, host: str = "127.0.0.1", port: int = 0) -> TcpPort:
    """Serve the module on a TCP port (0: a free one) until the returned port is closed.

    One client at a time: a new one takes the module over and the old one is disconnected, so that
    a gateway whose link died half-open is not locked out. TCP knows no baud rate; a host is always
    understood.
    """
    tcp = TcpPort(module)
    await tcp.open(host, port)
    return tcp


def serve_pty(module: EmulatedModule) -> PtyPort:
    """Serve the module on a new pseudo-terminal until the returned port is closed.

    The terminal's speed counts: at another baud than the module's, neither understands the other.
    It starts at the module's, in raw mode. Must be called with an event loop running.
    """
    return PtyPort(module)


class _Port(ABC):
    """Moves a module's frames to a client: subclasses know how to write bytes."""

    def __init__(self, module: EmulatedModule) -> None:
        self.module = module
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due_s: float | None = None
        self._outbox: deque[Sent] = deque()
        self._outbox_bytes = 0
        self._partly_written = 0

    def start(self) -> None:
        """Set the timer: at first, and after `power_cycle` was called from outside."""
        self._pump()

    def close(self) -> None:
        """Stop the timer; a subclass also closes what it opened."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def receive(self, data: bytes) -> None:
        """Take bytes from the client."""
        self.module.receive(data)
        self._pump()

    def _pump(self) -> None:
        """Put out what has left the module, and come back when more is due."""
        for sent in self.module.take():
            self._put(sent)
        self._flush()
        due_s = self.module.next_due_s
        if due_s == self._timer_due_s and self._timer is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due_s is not None:
            self._timer = self._loop.call_later(max(0.0, due_s - self.module.now()), self._wake)
        self._timer_due_s = due_s

    def _wake(self) -> None:
        self._timer = None
        self._pump()

    def _put(self, sent: Sent) -> None:
        if not self._listening():
            self.module.stats.unheard_frames += 1
            return
        self._outbox.append(sent)
        self._outbox_bytes += len(sent.data)
        while self._outbox_bytes > OUTBOX_BYTES and len(self._outbox) > 1:
            victim = 1 if self._partly_written else 0
            self._outbox_bytes -= len(self._outbox[victim].data)
            del self._outbox[victim]
            self.module.stats.overrun_frames += 1

    def _flush(self) -> None:
        while self._outbox and self._ready():
            sent = self._outbox[0]
            self._partly_written += self._write(sent.data[self._partly_written :])
            if self._partly_written < len(sent.data):
                return
            self._partly_written = 0
            self._outbox.popleft()
            self._outbox_bytes -= len(sent.data)
            self.module.delivered(sent)

    def _forget(self) -> None:
        """Drop what the client that went had not taken."""
        self.module.stats.unheard_frames += len(self._outbox)
        self._outbox.clear()
        self._outbox_bytes = self._partly_written = 0

    @abstractmethod
    def _listening(self) -> bool:
        """Tell whether a client is there."""

    def _ready(self) -> bool:
        return True

    @abstractmethod
    def _write(self, data: bytes) -> int:
        """Hand bytes to the client; return how many it took."""


class TcpPort(_Port):
    """A listening socket; `address` is `socket://HOST:PORT`."""

    def __init__(self, module: EmulatedModule) -> None:
        super().__init__(module)
        self.address = ""
        self._server: asyncio.Server | None = None
        self._client: _Client | None = None

    async def open(self, host: str, port: int) -> None:
        """Listen; raises OSError when the port is taken."""
        self._server = await self._loop.create_server(lambda: _Client(self), host, port)
        name = self._server.sockets[0].getsockname()
        self.address = f"socket://{name[0]}:{name[1]}"
        self.start()

    def close(self) -> None:
        """Stop listening and disconnect the client."""
        super().close()
        if self._server is not None:
            self._server.close()
        if self._client is not None:
            self._client.drop()

    def attach(self, client: _Client) -> None:
        """Take a new client in the place of the one before."""
        if self._client is not None:
            self._client.drop()
            self._forget()
        self._client = client

    def detach(self, client: _Client) -> None:
        """Note that a client went."""
        if self._client is client:
            self._client = None
            self._forget()

    def resumed(self) -> None:
        """Go on writing: the client has taken bytes."""
        self._flush()

    def received(self, client: _Client, data: bytes) -> None:
        """Take bytes from the client, unless it was replaced."""
        if self._client is client:
            self.receive(data)

    def _listening(self) -> bool:
        return self._client is not None

    def _ready(self) -> bool:
        return self._client is not None and not self._client.paused

    def _write(self, data: bytes) -> int:
        if self._client is not None:
            self._client.write(data)
        return len(data)


class _Client(asyncio.Protocol):
    """One TCP connection of a `TcpPort`."""

    def __init__(self, port: TcpPort) -> None:
        self.paused = False
        self._port = port
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=1024)
        self._port.attach(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._port.detach(self)

    def data_received(self, data: bytes) -> None:
        self._port.received(self, data)

    def pause_writing(self) -> None:
        self.paused = True

    def resume_writing(self) -> None:
        self.paused = False
        self._port.resumed()

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def drop(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class PtyPort(_Port):
    """A pseudo-terminal; `address` is its device, `/dev/pts/N`.

    Its own end of the terminal stays open, so that clients may come and go.
    """

    def __init__(self, module: EmulatedModule, noise: Callable[[int], bytes] | None = None) -> None:
        super().__init__(module)
        self._noise = noise or random.Random(0).randbytes
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self._set_speed(module.baud)
        os.set_blocking(self._master, False)
        self.address = os.ttyname(self._slave)
        self._writable = True
        self._loop.add_reader(self._master, self._readable)
        self.start()

    def close(self) -> None:
        """Remove the terminal."""
        super().close()
        self._loop.remove_reader(self._master)
        self._loop.remove_writer(self._master)
        os.close(self._master)
        os.close(self._slave)

    def _set_speed(self, baud: int) -> None:
        attributes = termios.tcgetattr(self._slave)
        attributes[4] = attributes[5] = getattr(termios, f"B{baud}", termios.B38400)
        termios.tcsetattr(self._slave, termios.TCSANOW, attributes)

    def _understood(self) -> bool:
        """Tell whether the client's terminal runs at the module's baud rate."""
        speed = getattr(termios, f"B{self.module.baud}", None)
        return speed is None or termios.tcgetattr(self._slave)[5] == speed

    def _readable(self) -> None:
        try:
            data = os.read(self._master, 4096)
        except BlockingIOError:
            return
        self.receive(data if self._understood() else b"")

    def _listening(self) -> bool:
        return True

    def _ready(self) -> bool:
        return self._writable

    def _put(self, sent: Sent) -> None:
        if not self._understood():
            sent = Sent(sent.at_s, self._noise(len(sent.data)), is_notice=False)
        super()._put(sent)

    def _write(self, data: bytes) -> int:
        try:
            written = os.write(self._master, data)
        except BlockingIOError:
            written = 0
        if written < len(data):
            self._writable = False
            self._loop.add_writer(self._master, self._resume)
        return written

    def _resume(self) -> None:
        self._loop.remove_writer(self._master)
        self._writable = True
        self._flush()
