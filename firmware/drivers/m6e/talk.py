"""Commands to a module of the M6e family and their replies: finding it, asking, starting, halting.

The module may be asleep, at any rate, still reading for a host that died, in its boot loader, or
start anew at any time: then it says so by a boot message nobody asked for, and has forgotten
its settings.
"""

import asyncio

from drivers.errors import LinkLost, ModuleFault, WrongAnswer
from drivers.m6e.faults import fault_name
from drivers.m6e.frames import build
from drivers.m6e.silion import async_stop, is_silion

_VERSION, _BOOT, _PROGRAM, _CONTINUOUS, _POWER_MODE = 0x03, 0x04, 0x0C, 0x2F, 0x98
_FULL_POWER = b"\x00"
_BOOT_LOADER = 0x01  # in the low two bits of the program's number

_STOP = build(_CONTINUOUS, b"\x00\x00\x02")
STARTED, _STOPPED = 0x12F, 0x22F  # keys of the two replies that share an opcode

BAUDS = (115200, 921600, 460800, 230400, 57600, 38400, 19200, 9600)  # as shipped, then the rest
_PROBE_S = 0.15  # the module answers within 30 ms; the rest is for a loaded host
_BOOT_S = 2.0  # an M6e needs up to 1.5 s when it starts for the first time
_REPLY_S = 0.5
_TRIES = 3  # a byte may be lost on the way
_STOP_TRIES = 6  # while tags are still coming: 1-2 s are normal
_MUTE_MS = 2200  # while it reads it sends a keep-alive every second

# Runs of the head byte wake a module: 16, then for 100 ms; twice that is sent, in pieces that
# a board's UART takes at once.
_WAKE_PIECES = 20
_WAKE_STEP_S = 0.01
_WAKE_PIECE = 128


class Talk:
    """The conversation over one `Link`; the driver gives it each frame that is no report."""

    def __init__(self, link, parser):
        self.silion = False
        self._link = link
        self._parser = parser
        self._baud = BAUDS[0]
        self._asleep = False
        self._restarted = False
        self._frames = 0  # counts round: tells only whether any came
        self._heard_ms = 0

    async def find(self):
        """Find the module's rate, silence it, start its firmware; returns its version text."""
        self._asleep = self.silion = False
        self._baud = BAUDS[0]
        version = await self._probe(False)
        # At last the first rate again: the module may have been starting when it was tried.
        for baud in BAUDS + BAUDS[:1] if self._link.has_baud else BAUDS[:1] * _TRIES:
            if version is not None:
                break
            try:
                self._link.set_baud(baud)
            except OSError:  # a rate this port does not have
                continue
            self._baud = baud
            version = await self._probe(True)
        if version is None:
            raise LinkLost("no answer on {} at any rate".format(self._link.name))
        self._restarted = False
        _, program = await self.exchange(_PROGRAM, b"")
        if program and program[0] & 0x03 == _BOOT_LOADER:
            version = await self.ask(_BOOT, b"", _BOOT_S)
        self.silion = is_silion(version)
        if self.silion:
            self._link.send(async_stop())
        self._restarted = False
        return _version_text(version, self.silion)

    async def ask(self, op, data=b"", seconds=_REPLY_S):
        """A command that must succeed; returns the data of its reply."""
        status, reply = await self.exchange(op, data, seconds)
        if status:
            raise ModuleFault("command {:02X}".format(op), status, fault_name(status))
        return reply

    async def exchange(self, op, data, seconds=_REPLY_S, tries=_TRIES):
        """A command; returns status and data of its reply."""
        for _ in range(tries):
            reply = await self.attempt(op, data, seconds)
            if reply is not None:
                return reply
        raise LinkLost("{} is mute".format(self._link.name))

    async def attempt(self, op, data, seconds=_REPLY_S):
        """The same, sent once; None if no reply came through."""
        await self._rouse()
        reply = await self._link.exchange(build(op, data), op, seconds)
        self.check()
        return reply

    async def prove_alive(self):
        """Raise `LinkLost` if the module answers nothing at all."""
        await self.exchange(_VERSION, b"")

    def fell_asleep(self):
        """The module was sent to sleep: the next command wakes it first."""
        self._asleep = True

    async def start(self, frame):
        """Start continuous reading; returns the status of the reply."""
        await self._rouse()
        for _ in range(_TRIES):
            before = self._frames
            reply = await self._link.exchange(frame, STARTED, _REPLY_S)
            self.check()
            if reply is not None:
                return reply[0]
            if self._frames != before:  # the reply was damaged on the way, but it reads
                return 0
            await self.halt()
        raise LinkLost("{} does not start reading".format(self._link.name))

    async def halt(self):
        """Stop reading and wait until the module says so: what it sent before has then arrived."""
        if not await self._stop(_REPLY_S, _TRIES):
            self.check()
            raise LinkLost("{} does not stop reading".format(self._link.name))

    async def silence(self, tries=_TRIES):
        """Stop a module that may be reading; one that is not may leave this unanswered."""
        if not self._asleep:
            await self._stop(_PROBE_S, tries)

    async def _stop(self, seconds, tries):
        """Whether the module said that it stopped; gives up after `tries` without any frame."""
        silent = 0
        for _ in range(_STOP_TRIES):
            before = self._frames
            if await self._link.exchange(_STOP, _STOPPED, seconds) is not None:
                return not self._restarted
            silent += self._frames == before
            if silent == tries:
                break
        return False

    def check(self):
        """Raise `LinkLost` if the port is gone, `WrongAnswer` if the module started anew."""
        self._link.check()
        if self._restarted:
            raise WrongAnswer("{} started anew: its settings are gone".format(self._link.name))

    def check_alive(self, now_ms):
        """Raise these, and `LinkLost` if a module that reads has fallen mute."""
        self.check()
        if now_ms - self._heard_ms > _MUTE_MS:
            raise LinkLost("{} fell mute while reading".format(self._link.name))

    def heard(self):
        """A frame came, whichever."""
        self._heard_ms = self._link.at_ms
        self._frames = (self._frames + 1) & 0xFFFF

    def reply(self, op, status, start, length):
        """A frame that is no report; returns whether it was waited for."""
        awaited = self._link.awaited
        if op == _CONTINUOUS:
            stopped = length > 0 and status == 0 and self._parser.buf[start] == 0x02
            if awaited == STARTED:
                matches = not stopped
            else:
                matches = awaited == _STOPPED and (stopped or status != 0)
        elif op == _BOOT and awaited != _BOOT:
            self._restarted = True
            matches = awaited is not None  # of no use to wait on; to `find` it is the version
        else:
            matches = op == awaited
        if matches:
            self._link.answer((status, bytes(self._parser.buf[start : start + length])))
        return matches

    async def _probe(self, asleep):
        """The 20 bytes of the version, or None if no module answers at this rate."""
        if asleep:
            await self._wake()
        await self.silence(1)
        reply = await self._link.exchange(build(_VERSION), _VERSION, _PROBE_S)
        return reply[1] if reply and not reply[0] and len(reply[1]) == 20 else None

    async def _rouse(self):
        """Bring a module that was sent to sleep back to where it takes any command at once."""
        if self._asleep:
            self._asleep = False
            await self._wake()
            await self.ask(_POWER_MODE, _FULL_POWER)

    async def _wake(self):
        piece = b"\xff" * min(self._baud // 1000, _WAKE_PIECE)
        for _ in range(_WAKE_PIECES):
            self._link.send(piece)
            await asyncio.sleep(_WAKE_STEP_S)


def _version_text(version, silion):
    """Model, hardware and firmware of the 20 bytes of a version reply."""
    model = {0x18: "M6e", 0x20: "M6e Micro", 0x30: "M6e Nano"}.get(version[4], "M7E or M6e")
    hardware, firmware = [
        ".".join(["{:02X}".format(byte) for byte in version[at : at + 4]]) for at in (4, 12)
    ]
    return "{} {}, hardware {}".format("Silion" if silion else model, firmware, hardware)
