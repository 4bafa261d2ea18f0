"""Serial devices and TCP sockets as reader ports, on MicroPython and CPython.

A port has `name`, `has_baud`, `open(baud)`, `set_baud(baud)`, `readinto(view)`, `write(data)`
and `close()`. `readinto` waits for at least one byte; every failure and the end of the stream
is an OSError. Cancel the task that waits in `readinto` before `close()`.
"""

import asyncio
import os
import socket
import sys
import termios

MICROPYTHON = sys.implementation.name == "micropython"

_VTIME, _VMIN = 5, 6  # places in the list of control characters on Linux


class _Port:
    """What both kinds do once they are open."""

    def __init__(self, name):
        self.name = name
        self._stream = None

    async def readinto(self, view):
        return await self._opened().readinto(view)

    def write(self, data):
        self._opened().write(data)

    def close(self):
        if self._stream:
            self._stream.close()
            self._stream = None

    def _opened(self):
        if self._stream is None:
            raise OSError("not open")
        return self._stream


class TtyPort(_Port):
    """A serial device or pty, raw, never blocking."""

    has_baud = True

    async def open(self, baud):
        if MICROPYTHON:
            self._stream = _MicroFile(open(self.name, "r+b"))  # noqa: SIM115 - until close()
        else:
            self._stream = _Descriptor(os.open(self.name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK))
        self.set_baud(baud)

    def set_baud(self, baud):
        """Raw 8N1 at `baud`. VMIN = VTIME = 0, or MicroPython's read blocks its whole loop."""
        number = self._opened().fileno()
        if MICROPYTHON:
            termios.setraw(number)
        else:
            import tty

            tty.setraw(number)
        attributes = termios.tcgetattr(number)
        speed = getattr(termios, "B{}".format(baud), None)
        if speed is None:  # Debian's MicroPython names only the rates from 9600 up
            raise OSError("no rate {}".format(baud))
        attributes[4] = attributes[5] = speed
        attributes[6][_VMIN] = attributes[6][_VTIME] = 0
        termios.tcsetattr(number, termios.TCSANOW, attributes)


class TcpPort(_Port):
    """`socket://HOST:PORT`: a reader behind a serial server, or an emulator."""

    has_baud = False

    def __init__(self, address):
        super().__init__(address)
        host, _, port = address[len("socket://") :].rpartition(":")
        self._address = (host.strip("[]"), int(port))

    async def open(self, baud):
        if MICROPYTHON:
            stream, _ = await asyncio.open_connection(*self._address)
            self._stream = _MicroFile(stream.s)
            return
        found = socket.getaddrinfo(*self._address, type=socket.SOCK_STREAM)[0]
        connection = socket.socket(found[0], found[1], found[2])
        try:
            connection.setblocking(False)
            await asyncio.get_running_loop().sock_connect(connection, found[-1])
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            connection.close()
            raise
        self._stream = _Descriptor(connection.detach())

    def set_baud(self, baud):
        """A socket has no rate; the serial server at its other end keeps its own."""


class _MicroFile:
    """An open device or socket, by MicroPython's own asyncio stream."""

    def __init__(self, file):
        self._file = file
        self._reader = asyncio.StreamReader(file)

    def fileno(self):
        return self._file.fileno()

    async def readinto(self, view):
        while True:
            count = await self._reader.readinto(view)
            if count == 0:
                raise OSError("closed by the other end")
            if count:
                return count

    def write(self, data):
        written = self._file.write(data)
        if written != len(data):
            raise OSError("takes no more bytes")

    def close(self):
        self._file.close()


class _Descriptor:
    """A non-blocking file descriptor, by CPython's event loop."""

    def __init__(self, number):
        self._number = number

    def fileno(self):
        return self._number

    async def readinto(self, view):
        loop = asyncio.get_running_loop()
        while True:
            ready = loop.create_future()
            loop.add_reader(self._number, _set_ready, ready)
            try:
                await ready
            finally:
                loop.remove_reader(self._number)
            try:
                count = os.readv(self._number, [view])
            except BlockingIOError:
                continue
            if count == 0:
                raise OSError("closed by the other end")
            return count

    def write(self, data):
        try:
            written = os.write(self._number, data)
        except BlockingIOError:
            written = 0
        if written != len(data):  # commands are short; a full kernel buffer means a dead link
            raise OSError("takes no more bytes")

    def close(self):
        os.close(self._number)


def _set_ready(future):
    if not future.done():
        future.set_result(None)
