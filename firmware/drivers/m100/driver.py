"""Driver of the M100 family (M100, QM100, R200, YRM100x, JRD-4035): one antenna, one UART.

In a slot the module polls by itself (27) until it is stopped (28). Every valid tag notice is
handed to the sink when it arrives, also those that are still on the way after the stop. A read's
time is when its notice began to arrive; the module tells none.

What the module tells of its looks: one "no tag" frame for each empty round, and nothing at the
end of a round with tags, so `rounds` is an estimate (`drivers/rounds.py`). `on_air_ms` runs from
the command to start until the module confirms the stop, so it includes what the serial line adds
(about 2 ms). With target "AB" the other end of the inventoried flag is asked for as soon as a
round stays empty.

Power is real dBm: what a board's power word means is told by its version (`PowerScale`).
"""

import asyncio

from drivers.crc16 import crc16
from drivers.errors import NotSupported, TagFault, WrongAnswer
from drivers.m100 import access as access
from drivers.m100 import codes as codes
from drivers.m100.frames import BB_7E, NOTICE, RESPONSE, M100Parser
from drivers.m100.settings import PowerScale, query_word, select_params
from drivers.m100.talk import Talk
from drivers.reader import TID_BANK, Reader, by_prefix
from drivers.rounds import RoundCounter

# A module left alone falls silent after this many rounds (10-30 s) should its gateway die,
# and it is more than any slot holds.
_ROUNDS = 1000
# 32 slots a round. On the emulator, reads a second with Q 4, 5, 6: one tag 30, 25, 17; fifteen 54,
# 56, 54; thirty 48, 56, 57; sixty 25, 50, 57. The module tells no collisions to choose by.
_Q = 5
_SILENCE_MS = 700  # a polling module says something in every round, some 10-40 times a second
_LOOK_MS = 200  # how often to look whether it still does
_NOTICE_BITS = 240  # on the line, of one 96-bit EPC

_TAG_Q = 2  # one tag is meant; two of the same EPC would still be told apart
_TAG_S = 2.0  # a write of 32 words took 400 ms
_TAG_TRIES = 3  # one access in fifty fails with a tag well placed, one in five with one that is not
_SETTLE_S = 0.02  # a select is in effect a little after its answer; vendors' tools wait so long


class M100(Reader):
    """One module, on a board's `port`; `antennas` is a list of one, `clock` has `up_ms()`."""

    family = "m100"
    regions = {"CN": 0x01, "US": 0x02, "EU": 0x03, "KR": 0x06}
    power_range_dbm = (0, 30)

    def __init__(self, port, antennas, sink, clock):
        super().__init__(port, antennas, sink, clock, M100Parser(BB_7E, self))
        self._talk = Talk(self._link, self._parser)
        self._antenna = antennas[0]
        self._notice_ms = 0  # how long a notice takes on the line
        self._scale = PowerScale("")
        self._radio = None  # what the module is configured for
        self._surveying = False  # the module's query and select are those of `_radio`
        self._target_b = False
        self._empty = asyncio.Event()  # a round stayed empty
        self._fault = 0  # what the module complained of while polling
        self._rounds = RoundCounter()
        self._bad_tags = 0

    @property
    def crc_errors(self):
        """Frames with a bad checksum, and notices whose tag's own CRC is wrong."""
        return self._parser.crc_errors + self._bad_tags

    async def open(self):
        self._radio = None
        version = await self._talk.find()
        self._scale = PowerScale(version)
        self._notice_ms = _NOTICE_BITS * 1000 // self._talk.baud
        return version

    async def configure(self, radio):
        self._radio = None
        talk, code = self._talk, self._region_code(radio)
        await talk.halt()
        await talk.ask(codes.AUTO_SLEEP, b"\x00")
        await talk.set_and_check(codes.REGION, codes.GET_REGION, bytes([code]))
        await talk.set(codes.HOP, b"\xff")
        if self._antenna in radio.power_dbm:
            word = self._scale.word(radio.power_dbm[self._antenna])
            await talk.set_and_check(codes.POWER, codes.GET_POWER, word)
        self._target_b = False
        await self._survey(radio)
        self._radio = radio

    async def stream(self, slot_ms):
        radio, clock = await self._make_ready(), self._clock
        both_ends = radio.target == "AB"
        began = clock.up_ms()
        self._fault = 0
        left = slot_ms
        while left > 0:
            self._empty.clear()
            self._talk.send(codes.POLL, bytes([0x22, _ROUNDS >> 8, _ROUNDS & 0xFF]))
            unheard = await self._listen(left, both_ends)
            await self._talk.halt()
            if both_ends and self._empty.is_set():
                self._target_b = not self._target_b
                await self._talk.set(codes.QUERY, self._query(radio))
            left = min(unheard, slot_ms - (clock.up_ms() - began))
        self._sink.looked(self._antenna, self._rounds.take(), clock.up_ms() - began)
        if self._fault:
            raise codes.fault("polling", self._fault)

    async def stop(self):
        if not self._talk.asleep:
            await self._talk.halt()

    async def read_tid(self, tag, words=6):
        params = access.read_params(0, TID_BANK, 0, words)
        return await self._access("reading the TID", tag, codes.READ, params)

    async def write_epc(self, tag, epc, password=0):
        doing = "writing the EPC"
        pc = await self._access(doing, tag, codes.READ, access.read_pc_params(password))
        if len(pc) != 2:
            raise WrongAnswer("{}: PC word {}".format(doing, pc))
        params = access.write_epc_params(password, pc[0] << 8 | pc[1], epc)
        await self._access(doing, tag, codes.WRITE, params)

    async def set_access_password(self, tag, new, password=0):
        params = access.write_password_params(password, new)
        await self._access("setting the access password", tag, codes.WRITE, params)

    async def lock(self, tag, memory, how, password):
        params = access.lock_params(password, memory, how)
        await self._access("locking", tag, codes.LOCK, params)

    async def sleep(self):
        """The next command takes up to a second: the module loses what wakes it."""
        await self._talk.halt()
        await self._talk.sleep()
        self._surveying = False  # it forgets the select

    # What the parser finds

    def frame(self, kind, command, start, length):
        """Called by the parser for each frame; allocates only for a reply that is waited for."""
        awaited = self._link.awaited
        if kind == NOTICE and command == codes.TAG:
            self._notice(start, length)
        elif kind != RESPONSE:
            return
        elif command == codes.FAILED:
            self._failed(self._parser.buf[start] if length else 0, awaited)
        elif awaited and command in awaited:
            self._link.answer((command, bytes(self._parser.buf[start : start + length])))

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
        at_ms = self._link.at_ms - self._notice_ms
        self._sink.take(buf, start + 3, length - 5, self._antenna, rssi * 10, at_ms)

    def _failed(self, code, awaited):
        if code == codes.NO_TAG:
            self._rounds.empty()
            self._empty.set()
        elif awaited and codes.may_answer(code, awaited[0]):
            self._link.answer((codes.FAILED, bytes([code])))
        elif codes.may_answer(code, codes.POLL):
            self._fault = code

    # All tags

    async def _make_ready(self):
        """Let the module look for all tags; a restart of the module is noticed here."""
        radio = self._configured()
        if not self._surveying:
            await self._survey(radio)
        elif await self._talk.ask(codes.GET_QUERY) != self._query(radio):
            raise WrongAnswer("the module has lost its settings")
        return radio

    def _configured(self):
        if self._radio is None:
            raise NotSupported("no region is configured: an m100 may not transmit")
        return self._radio

    async def _survey(self, radio):
        """Let foreign tags keep silent on the air where one prefix says which are ours.

        With several prefixes the gateway's filter alone decides.
        """
        talk = self._talk
        if len(radio.prefixes) == 1:
            mask = select_params(by_prefix(radio.prefixes[0]))
            await talk.set_and_check(codes.SELECT, codes.GET_SELECT, mask)
            await talk.set(codes.SELECT_MODE, b"\x00", codes.SELECT)
        else:
            await talk.set(codes.SELECT_MODE, b"\x01", codes.SELECT)
        await talk.set_and_check(codes.QUERY, codes.GET_QUERY, self._query(radio))
        self._surveying = True

    def _query(self, radio):
        return query_word(radio.session, self._target_b, len(radio.prefixes) == 1, _Q)

    async def _listen(self, milliseconds, both_ends):
        """Wait so long, but not beyond an empty round if there is another end to ask for, nor
        beyond a silence: the module is mute, or has made all its rounds. Returns what is left."""
        left = milliseconds
        while left > 0 and self._link.quiet_ms() < _SILENCE_MS:
            step = min(left, _LOOK_MS)
            if not both_ends:
                await asyncio.sleep(step / 1000)
            elif await _set_within(self._empty, step / 1000):
                return left - 1
            left -= step
        return left

    # One tag

    async def _access(self, doing, tag, command, params):
        """Carry out a command at the tag that the mask names; returns the data it answers."""
        self._configured()
        await self._aim(tag)
        tries = _TAG_TRIES
        while True:
            try:
                reply = await self._talk.ask(command, params, doing=doing, seconds=_TAG_S)
            except TagFault as refusal:
                tries -= 1
                if refusal.code not in codes.NO_ANSWER or not tries:
                    raise
            else:
                return access.answer_of(tag, reply)

    async def _aim(self, tag):
        """Let tag commands find only the tags of the mask, whatever they answered before."""
        self._surveying = False
        await self._talk.set(codes.QUERY, query_word(0, False, True, _TAG_Q))
        await self._talk.set(codes.SELECT, select_params(tag))
        await asyncio.sleep(_SETTLE_S)
        await self._talk.set(codes.SELECT_MODE, b"\x02", codes.SELECT)


async def _set_within(event, seconds):
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except asyncio.TimeoutError:
        return False
    return True
