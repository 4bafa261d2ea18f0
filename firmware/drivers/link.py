"""A driver's line to its module: one task that feeds the parser, and commands with their replies.

The task is the port's only reader and is never timed out or cancelled but to close: a time-out
around a read loses bytes where both happen at once.
"""

import asyncio

from drivers.errors import LinkLost

# A frame has stopped growing: what began it was noise, or bytes of it were lost.
_STUCK_MS = 500


class Link:
    """The port of one module, and the family's parser that its bytes go to.

    `at_ms` is when the bytes now being parsed came, in milliseconds of `clock.up_ms()`. While a
    command waits for its reply `awaited` is the key that `exchange` was given, else None: the
    driver compares it with each frame, and hands the reply to `answer`.
    """

    def __init__(self, port, parser, clock):
        self.name = port.name
        self.has_baud = port.has_baud
        self.at_ms = 0
        self.awaited = None
        self._port = port
        self._parser = parser
        self._clock = clock
        self._pump_task = None
        self._lost = None  # the error that ended the link
        self._reply = None
        self._answered = asyncio.Event()

    async def open(self, baud):
        """Open the port at `baud`; raises OSError."""
        await self._port.open(baud)
        self._parser.forget()
        self._lost = None
        self.at_ms = self._clock.up_ms()
        self._pump_task = asyncio.create_task(self._pump())

    def set_baud(self, baud):
        """Speak and listen at this rate from now on; where the port has one."""
        self._port.set_baud(baud)
        self._parser.forget()

    def send(self, frame):
        """Send bytes; raises `LinkLost`."""
        try:
            self._port.write(frame)
        except OSError as error:
            self._lose(error)
            self.check()

    async def exchange(self, frame, key, seconds):
        """Send a command; return what `answer` was given, or None when nothing came in time."""
        self._expect(key)
        return await self._wait(frame, seconds)

    async def wait(self, key, seconds):
        """Wait for a reply that needs no command, as `exchange` does."""
        self._expect(key)
        return await self._wait(None, seconds)

    def answer(self, reply):
        """The driver has found what is awaited; anything but None."""
        self._reply = reply
        self._answered.set()

    def quiet_ms(self):
        """For how long no byte has come."""
        return self._clock.up_ms() - self.at_ms

    def check(self):
        """Raise `LinkLost` if the port is gone."""
        if isinstance(self._lost, OSError):
            raise LinkLost("{}: {}".format(self.name, self._lost))
        if self._lost is not None:
            raise self._lost

    async def power_cycle(self):
        """Take the module's power away and give it back; False where the port cannot."""
        if not getattr(self._port, "has_power", False):
            return False
        await self._port.power_cycle()
        return True

    async def close(self):
        """Give the port back; never raises."""
        pump, self._pump_task = self._pump_task, None
        try:
            if pump:
                pump.cancel()
                while not pump.done():  # awaiting it would hand it a cancel that is meant for us
                    await asyncio.sleep(0)
        finally:
            self._lost = OSError("closed")
            self._port.close()

    def _expect(self, key):
        self.check()
        self._answered.clear()
        self._reply = None
        self.awaited = key

    async def _wait(self, frame, seconds):
        try:
            if frame is not None:
                self.send(frame)
            await asyncio.wait_for(self._answered.wait(), seconds)
        except asyncio.TimeoutError:
            self._parser.settle()  # which may find the reply behind a damaged frame
        finally:
            self.awaited = None
        self.check()
        return self._reply

    async def _pump(self):
        parser = self._parser
        try:
            while True:
                count = await self._port.readinto(parser.space())
                now = self._clock.up_ms()
                # The pause may have been ours: the rest of the frame has then come by now.
                is_late = now - self.at_ms > _STUCK_MS and parser.is_waiting()
                self.at_ms = now
                if not parser.feed(count) and is_late:
                    parser.resync()
        except Exception as error:  # noqa: BLE001 - raised where the reader is used
            self._lose(error)

    def _lose(self, error):
        self._lost = error
        self._answered.set()
