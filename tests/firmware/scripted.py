"""What the scripted modules share: a port whose other end answers at once."""

import asyncio


class ScriptedPort:
    """The port of a module that a test scripts; a subclass says what `heard(data)` does.

    The module understands `baud` alone. `mute` makes it deaf, and so silent.
    """

    name = "scripted"
    has_baud = True

    def __init__(self, baud):
        self.baud = baud
        self.mute = False
        self.opened = 0
        self.closed = 0
        self._baud = 0
        self._out = b""
        self._ready = asyncio.Event()
        self._lost = False

    async def open(self, baud):
        self.opened += 1
        self._lost = False
        self.set_baud(baud)

    def set_baud(self, baud):
        self._baud = baud

    def close(self):
        self.closed += 1

    def unplug(self):
        self._lost = True
        self._ready.set()

    async def readinto(self, view):
        while not self._out:
            if self._lost:
                raise OSError("unplugged")
            self._ready.clear()
            await self._ready.wait()
        count = min(len(self._out), len(view))
        view[:count] = self._out[:count]
        self._out = self._out[count:]
        return count

    def write(self, data):
        if self._lost:
            raise OSError("unplugged")
        if not self.mute and self._baud == self.baud:
            self.heard(data)

    def send(self, *frames):
        for frame in frames:
            self._out += frame
        self._ready.set()


def feed(parser, data):
    """Give a driver's parser bytes one by one."""
    for at in range(len(data)):
        parser.space()[0] = data[at]
        parser.feed(1)
