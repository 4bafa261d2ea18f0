"""Keeps one reader usable: opens it, brings the settings into it, opens it again after trouble."""

import asyncio

from drivers.errors import LinkLost, ModuleFault, ReaderError

_FIRST_PAUSE_S = 0.5
_SAY_AGAIN_MS = 60_000  # the same trouble is one line a minute
_MOST_PAUSE_S = 10  # a module that was plugged back in should not keep a door blind for long


class Station:
    """One reader and what is known of it. `say(level, text)` is the log; `failed(name, error)`
    takes an error that is a bug of ours.

    `turn` is called by whoever gives the readers their turns; `keep` runs as a task beside it
    and touches the reader only while it is not `ready`.
    """

    def __init__(self, name, reader, radio, clock, say, failed):
        self.name = name
        self.reader = reader
        self.ready = False
        self.version = None
        self._radio = radio
        self._applied = None  # the Radio that is in the module
        self._say = say
        self._failed = failed
        self._clock = clock
        self._trouble = None  # the last one said
        self._said_at = 0
        self.faults = 0  # slots that the module ended with an error of its own
        self._broken = asyncio.Event()
        self.moved_ms = clock.up_ms()  # when it last finished something, good or bad
        self._mute = False  # the last trouble was a link: its power switch may help

    def use(self, radio):
        """Bring these settings into the module before its next turn."""
        if not self.may_transmit:  # it was idle, and is expected to move from now on
            self.moved_ms = self._clock.up_ms()
        self._radio = radio

    @property
    def trouble(self):
        """What was wrong last, or None while nothing ever was."""
        return self._trouble

    @property
    def may_transmit(self):
        """Whether this reader has a turn: it answers, and a region says what it may do."""
        return self.ready and self._radio.region is not None

    async def turn(self, slot_ms):
        """One slot on the air; trouble ends it and has the reader opened again."""
        try:
            await self._apply()
            await self._stream(slot_ms)
        except ReaderError as error:
            self._trouble_with(error)
            self._open_again()
        except Exception as error:  # noqa: BLE001 - must not take the other reader's turns
            self._failed("reader " + self.name, error)
            self._open_again()
        self.moved_ms = self._clock.up_ms()

    async def access(self, work, radio=None):
        """What `work(reader)` returns, on a reader that has its settings, or for so long those of
        `radio`. Raises ReaderError."""
        try:
            if radio is None:
                await self._apply()
            else:
                self._applied = None  # its own come back before its next turn
                await self.reader.configure(radio)
            return await work(self.reader)
        except LinkLost as error:
            self._trouble_with(error)
            self._open_again()
            raise

    async def keep(self):
        """Open the reader, and again after each trouble, until cancelled."""
        pause = _FIRST_PAUSE_S
        while True:
            self._broken.clear()
            try:
                self.version = await self.reader.open()
            except (ReaderError, OSError) as error:
                self._trouble_with(error)
            else:
                self._applied = None
                self.moved_ms = self._clock.up_ms()
                self.ready = True
                await self._broken.wait()
                if self._applied is not None:  # it took its settings: this is a new trouble
                    pause = _FIRST_PAUSE_S
            await self.reader.close()
            self.moved_ms = self._clock.up_ms()
            if self._mute and await self.reader.power_cycle():
                self._say("warning", "reader {}: switched off and on".format(self.name))
            self._mute = False
            await asyncio.sleep(pause)
            pause = min(2 * pause, _MOST_PAUSE_S)

    async def close(self):
        """Silence the module and give its port back."""
        if self.ready:
            self.ready = False
            try:
                await self.reader.stop()
            except ReaderError as error:
                self._report(error)
        await self.reader.close()

    async def _apply(self):
        radio = self._radio
        if self._applied is not radio:
            await self.reader.configure(radio)
            self._applied = radio

    def _trouble_with(self, error):
        self._mute = isinstance(error, LinkLost)
        self._report(error)

    def _open_again(self):
        self.ready = False
        self._broken.set()

    async def _stream(self, slot_ms):
        """A fault of the module (no free channel, say) ends its slot; the next one may do."""
        try:
            await self.reader.stream(slot_ms)
        except ModuleFault as fault:
            self.faults += 1
            self._report(fault)

    def _report(self, error):
        text = "reader {}: {}".format(self.name, error)
        now = self._clock.up_ms()
        if text != self._trouble or now - self._said_at >= _SAY_AGAIN_MS:
            self._trouble = text
            self._said_at = now
            self._say("warning", text)
