"""Driver of the M100 family (M100, QM100, R200, YRM100x, JRD-4035): one antenna, one UART.

In a slot the module polls by itself (27) until it is stopped (28). Every valid tag notice is
handed to the sink when it arrives, also those that are still on the way after the stop.

What the module tells of its looks: one "no tag" frame for each empty round, and nothing at the
end of a round with tags, so `rounds` is an estimate (`drivers/rounds.py`). `on_air_ms` runs from
the command to start until the module confirms the stop, so it includes what the serial line adds
(about 2 ms).
"""

import asyncio

from drivers.crc16 import crc16
from drivers.errors import LinkLost, ModuleFault, WrongAnswer
from drivers.m100_frames import AA_DD, BB_7E, NOTICE, RESPONSE, M100Parser, build
from drivers.reader import Reader, by_prefix
from drivers.rounds import RoundCounter

_VERSION, _REGION, _GET_REGION, _SELECT, _QUERY, _SELECT_MODE = 0x03, 0x07, 0x08, 0x0C, 0x0E, 0x12
_AUTO_SLEEP, _TAG, _POLL, _STOP, _HOP = 0x1D, 0x22, 0x27, 0x28, 0xAD
_POWER, _GET_POWER, _FAILED = 0xB6, 0xB7, 0xFF
_NO_TAG = 0x15

_FAULTS = {
    0x09: "read failed",
    0x10: "write failed",
    0x12: "kill failed",
    0x13: "lock failed",
    0x15: "no tag",
    0x16: "wrong access password",
    0x17: "unknown command",
    0x20: "no free channel to hop to",
}

_BAUDS = (115200, 9600)  # R200 and YRM100 as shipped; what the old M100 manual says
_PROBE_S = 0.3  # the module answers within 20 ms; the rest is for a loaded host
_REPLY_S = 1.0
_TRIES = 2  # the first command after sleep goes unanswered, and all for 0.5 s after power
# A module left alone falls silent after this many rounds (10-30 s) should its gateway die,
# and it is more than any slot holds.
_ROUNDS = 1000
_Q = 5  # 32 slots a round: a full cart at one antenna; a doorway's few tags lose 10 ms a round
_TREXT = 0x1000


class M100(Reader):
    """One module, on a board's `port`; `antennas` is a list of one, `clock` has `up_ms()`."""

    family = "m100"
    regions = {"CN": 0x01, "US": 0x02, "EU": 0x03, "KR": 0x06}
    power_range_dbm = (0, 30)

    def __init__(self, port, antennas, sink, clock):
        super().__init__(port, antennas, sink, clock, M100Parser(BB_7E, self))
        self._antenna = antennas[0]
        self._framing = BB_7E
        self._fault = 0  # what the module complained of while polling
        self._rounds = RoundCounter()
        self._bad_tags = 0

    @property
    def crc_errors(self):
        """Frames with a bad checksum, and notices whose tag's own CRC is wrong."""
        return self._parser.crc_errors + self._bad_tags

    async def open(self):
        await self._link.open(_BAUDS[0])
        for baud in _BAUDS if self._link.has_baud else _BAUDS[:1]:
            self._link.set_baud(baud)
            for framing in (BB_7E, AA_DD) * _TRIES:
                version = await self._probe(framing)
                if version is not None:
                    await self._halt()
                    return version
        raise LinkLost("no answer on {} at any rate, BB or AA".format(self._link.name))

    async def configure(self, radio):
        code = self._region_code(radio)
        await self._halt()
        await self._ask(_AUTO_SLEEP, b"\x00")
        await self._set(_REGION, bytes([code]))
        region = await self._ask(_GET_REGION)
        if len(region) != 1 or region[0] != code:
            raise WrongAnswer("region {:02X} set, {} read back".format(code, region))
        await self._set(_HOP, b"\xff")
        if self._antenna in radio.power_dbm:
            await self._set_power(radio.power_dbm[self._antenna])
        query = _TREXT | radio.session << 8 | _Q << 3
        await self._set(_QUERY, bytes([query >> 8, query & 0xFF]))
        await self._mask(radio)

    async def stream(self, slot_ms):
        self._link.check()
        began = self._clock.up_ms()
        self._fault = 0
        self._send(_POLL, bytes([0x22, _ROUNDS >> 8, _ROUNDS & 0xFF]))
        await asyncio.sleep(slot_ms / 1000)
        await self._halt()
        self._sink.looked(self._antenna, self._rounds.take(), self._clock.up_ms() - began)
        if self._fault:
            raise ModuleFault("polling", self._fault, _name(self._fault))

    async def stop(self):
        await self._halt()

    def frame(self, kind, command, start, length):
        """Called by the parser for each frame; allocates only for a reply that is waited for."""
        if kind == NOTICE and command == _TAG:
            self._notice(start, length)
        elif kind != RESPONSE:
            return
        elif command == _FAILED and length and self._parser.buf[start] == _NO_TAG:
            self._rounds.empty()
        elif self._link.awaited and (command in self._link.awaited or command == _FAILED):
            self._link.answer((command, bytes(self._parser.buf[start : start + length])))
        elif command == _FAILED and length:
            self._fault = self._parser.buf[start]

    def _notice(self, start, length):
        """RSSI int8, PC, EPC, CRC of the tag over PC and EPC."""
        buf = self._parser.buf
        if length < 5:
            self._bad_tags += 1
            return
        crc = buf[start + length - 2] << 8 | buf[start + length - 1]
        if crc16(buf, start + 1, length - 3) != crc:
            self._bad_tags += 1
            return
        self._rounds.heard(crc)
        rssi = buf[start]
        if rssi > 127:
            rssi -= 256
        self._sink.take(buf, start + 3, length - 5, self._antenna, rssi * 10, self._link.at_ms)

    async def _probe(self, framing):
        self._framing = framing
        self._parser.speak(framing)
        self._send(_STOP)  # it may still be polling for a gateway that died
        reply = await self._exchange(_VERSION, b"\x00", _VERSION, _PROBE_S)
        return _text(reply[1]) if reply and reply[0] == _VERSION else None

    async def _mask(self, radio):
        """Let foreign tags keep silent on the air where one prefix says which are ours.

        The Select puts our tags into the inventoried state that the query asks for (A of its
        session) and all others into the other; with several prefixes the filter alone decides.
        """
        if len(radio.prefixes) != 1:
            await self._set(_SELECT_MODE, b"\x01", _SELECT)
            return
        tag = by_prefix(radio.prefixes[0])
        select = bytes([radio.session << 5 | tag.bank, 0, 0, 0, tag.pointer, tag.bits, 0])
        await self._set(_SELECT, select + tag.mask)
        await self._set(_SELECT_MODE, b"\x00", _SELECT)

    async def _set_power(self, power_dbm):
        word = round(power_dbm * 100)
        await self._set(_POWER, bytes([word >> 8, word & 0xFF]))
        back = await self._ask(_GET_POWER)
        if len(back) != 2 or back[0] << 8 | back[1] != word:
            raise WrongAnswer("power {} set, {} read back".format(word, back))

    async def _halt(self):
        """Stop polling and wait until the module says so: what it sent before has then arrived."""
        await self._ask(_STOP)

    async def _set(self, command, params, answers_as=None):
        reply = await self._ask(command, params, answers_as)
        if reply != b"\x00":
            raise WrongAnswer("command {:02X}: answer {}".format(command, reply))

    async def _ask(self, command, params=b"", answers_as=None):
        """Send a command, return the params of its answer; `answers_as` is a second good code."""
        for _ in range(_TRIES):
            reply = await self._exchange(command, params, answers_as or command, _REPLY_S)
            if reply is None:
                continue
            code, params = reply
            if code == _FAILED:
                fault = params[0] if params else 0
                raise ModuleFault("command {:02X}".format(command), fault, _name(fault))
            return params
        raise LinkLost("{} is mute".format(self._link.name))

    def _exchange(self, command, params, answers_as, seconds):
        """One command and its reply as (code, params), or None when none came in time."""
        frame = build(self._framing, command, params)
        return self._link.exchange(frame, (command, answers_as), seconds)

    def _send(self, command, params=b""):
        self._link.send(build(self._framing, command, params))


def _name(code):
    return _FAULTS.get(code, "fault of the module or tag")


def _text(version):
    """The ASCII of a version answer behind its type byte; a module may send any byte."""
    return "".join(chr(byte) for byte in version[1:] if 32 <= byte < 127)
