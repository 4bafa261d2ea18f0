"""Driver of the ThingMagic M6e Nano and M7E Hecto, and of Silion modules as a variant.

In a slot the module reads continuously (2F) until it is stopped. Every valid report is handed to
the sink when it arrives, also those that are still on the way after the stop. It says neither
when a round ends nor how many it made (`drivers/m6e/looks.py` estimates them); `on_air_ms` runs
from its confirmation of the start to that of the stop, which it gives at the end of a round,
without the time in which it pauses for heat or an antenna. A read is dated by the module's own
count since its last keep-alive.
"""

import asyncio

from drivers.errors import LinkLost, ModuleFault, NotSupported, TagFault, WrongAnswer
from drivers.m6e import access as access
from drivers.m6e import settings as settings
from drivers.m6e import silion as silion
from drivers.m6e.faults import NO_TAG, fault_name, is_radio, is_tags
from drivers.m6e.frames import M6eParser, build
from drivers.m6e.records import ANTENNA, RSSI, TIMESTAMP
from drivers.m6e.reports import Reports
from drivers.m6e.talk import BAUDS, STARTED, Talk
from drivers.reader import TID_BANK, Reader

_READ, _WRITE_EPC, _WRITE, _LOCK, _READ_DATA = 0x22, 0x23, 0x24, 0x25, 0x28
_BUFFER, _CLEAR_BUFFER, _CONTINUOUS, _TEMPERATURE, _POWER_MODE = 0x29, 0x2A, 0x2F, 0x72, 0x98
_SLEEP = b"\x04"

_METADATA = RSSI | ANTENNA | TIMESTAMP
_HAS_METADATA = 0x10  # in the option byte
_SEARCH_FLAGS = 0x001B  # the configured ports, each tag reported at once, 32-bit counts
_CYCLE_MS = 1000  # a keep-alive comes, and the timestamps begin anew, this often
_GEN2 = 0x05

_TAG_REPLY_S = 1.3  # the module tries for 1 s to reach the tag
_INVENTORY_MS = 1000  # so that a mute module is noticed in a long slot, too
_SLOT_REPLY_S = 0.5  # after the end of an inventory
_FETCH_S = 0.2  # 255 bytes take 22 ms
_FETCH_TRIES = 4
_QUIET_MS = 1000  # bytes came, if damaged: it is not mute
_STEP_MS = 500


class M6e(Reader):
    """One module; `antennas[i]` is at port i + 1, more than one by way of a multiplexer."""

    family = "m6e"
    regions = settings.REGIONS
    power_range_dbm = (0, 27)
    max_ports = 16

    def __init__(self, port, antennas, sink, clock):
        super().__init__(port, antennas, sink, clock, M6eParser(self))
        self._talk = Talk(self._link, self._parser)
        self._reports = Reports(antennas, sink, self._parser.buf)
        self._filter = None  # of the tags to read, once the module is set up
        self._first = 1  # the port at which the next slot begins

    @property
    def crc_errors(self):
        """Frames with a bad checksum, and records that are damaged or of a port that is not."""
        return self._parser.crc_errors + self._reports.bad_tags

    async def open(self):
        self._filter = None
        await self._link.open(BAUDS[0])
        return await self._talk.find()

    async def configure(self, radio):
        self._region_code(radio)
        self._filter = None
        await self._talk.silence()
        await settings.apply(self._talk, radio, self.antennas)
        self._filter = access.search_filter(radio.prefixes)

    async def stream(self, slot_ms):
        self._check_ready()
        await self._take_turns()
        self._reports.fault = 0
        if self._talk.silion:
            await self._read_by_inventories(slot_ms)
        else:
            await self._read_on(slot_ms)
        self._reports.tell_looks()
        fault = self._reports.fault
        if fault:
            raise ModuleFault("reading", fault, fault_name(fault))

    async def stop(self):
        await self._talk.silence()

    async def read_tid(self, tag, words=6):
        reply = await self._access(_READ_DATA, access.read_data(tag, TID_BANK, 0, words), "read")
        if len(reply) != access.READ_HEAD + 2 * words:
            raise WrongAnswer("TID: {} for {} words".format(reply, words))
        return reply[access.READ_HEAD :]

    async def write_epc(self, tag, epc, password=0):
        await self._access(_WRITE_EPC, access.write_epc(tag, epc, password), "write EPC")

    async def set_access_password(self, tag, new, password=0):
        data = access.write_access_password(tag, new, password)
        await self._access(_WRITE, data, "write password")

    async def lock(self, tag, memory, how, password):
        await self._access(_LOCK, access.lock(tag, memory, how, password), "lock")

    async def sleep(self):
        await self._talk.ask(_POWER_MODE, _SLEEP)
        self._talk.fell_asleep()

    async def temperature(self):
        reply = await self._talk.ask(_TEMPERATURE)
        if len(reply) != 1:
            raise WrongAnswer("temperature: {}".format(reply))
        return (reply[0] ^ 0x80) - 0x80  # signed

    def frame(self, op, status, start, length):
        """Called by the parser for each frame; allocates only for a reply that is waited for."""
        link = self._link
        self._talk.heard()
        if op == _READ and link.awaited != _READ:
            self._reports.report(status, start, length, link.at_ms)
            return
        if op == _BUFFER and link.awaited == _BUFFER and status == 0:
            self._reports.fetched(start, length, link.at_ms)
        awaited = self._talk.reply(op, status, start, length)
        if op == _CONTINUOUS:
            if awaited and status == 0 and link.awaited == STARTED:
                self._reports.began(link.at_ms)
            elif not awaited and status:  # reading ended by itself
                self._reports.paused(status, link.at_ms)

    def _check_ready(self):
        self._talk.check()
        if self._filter is None:
            raise NotSupported("{} is not set up: no region, nothing on air".format(self.family))

    async def _take_turns(self):
        """Begin each slot at another port: a slot may be over before the last one had its turn."""
        ports = len(self.antennas)
        if ports > 1:
            await settings.search_ports(self._talk, ports, self._first)
            self._first = self._first % ports + 1

    async def _read_on(self, slot_ms):
        """A slot of continuous reading."""
        until_ms = self._clock.up_ms() + slot_ms
        self._reports.expect()
        try:
            status = await self._talk.start(_start(*self._filter))
            if status:
                self._refused(status)
            now = self._clock.up_ms()
            while now < until_ms:
                await asyncio.sleep(min(until_ms - now, _STEP_MS) / 1000)
                now = self._clock.up_ms()
                self._talk.check_alive(now)
            await self._talk.halt()
        finally:
            self._reports.end(self._clock.up_ms())

    async def _read_by_inventories(self, slot_ms):
        """A slot of single inventories, after each of which its tags are fetched."""
        while slot_ms > 0:
            await self._read_once(min(slot_ms, _INVENTORY_MS))
            slot_ms -= _INVENTORY_MS

    async def _read_once(self, milliseconds):
        option, chosen = self._filter
        await self._talk.ask(_CLEAR_BUFFER)
        search = silion.inventory(milliseconds, option, chosen)
        self._reports.expect()
        self._reports.began(self._clock.up_ms())
        reply = await self._talk.attempt(_READ, search, milliseconds / 1000 + _SLOT_REPLY_S)
        status = reply[0] if reply else 0  # a lost one may have told of tags
        self._reports.end(self._clock.up_ms(), status == 0)
        if status == 0:
            await self._fetch()
        elif status != NO_TAG:
            self._refused(status)
            await asyncio.sleep(milliseconds / 1000)

    async def _fetch(self):
        """Have the buffer's tags sent, which the parser hands on; what is damaged is lost."""
        tries = _FETCH_TRIES
        while tries:
            reply = await self._talk.attempt(_BUFFER, silion.FETCH, _FETCH_S)
            if reply is None:
                tries -= 1
            elif reply[0] or len(reply[1]) < 4 or not reply[1][3]:
                return
        if self._link.quiet_ms() > _QUIET_MS:
            raise LinkLost("{} is mute".format(self._link.name))

    def _refused(self, status):
        """It did not start: for heat or its antenna, or because it lost its settings."""
        if not is_radio(status):
            name = fault_name(status)
            raise WrongAnswer("start: {:04X}, {}: settings lost".format(status, name))
        self._reports.paused(status, self._clock.up_ms())

    async def _access(self, op, data, doing):
        """A command for one tag, tried at one port after the other until it answers there."""
        self._check_ready()
        status, reply = NO_TAG, b""
        for port in range(1, len(self.antennas) + 1):
            if len(self.antennas) > 1:
                await settings.use_port(self._talk, port)
            answer = await self._talk.attempt(op, data, _TAG_REPLY_S)
            if answer is None:  # sent again it might do another thing to another tag
                await self._talk.prove_alive()
                raise WrongAnswer("{}: no reply; see what the tag holds now".format(doing))
            status, reply = answer
            if status != NO_TAG:
                break
        if status:
            fault = TagFault if is_tags(status) else ModuleFault
            raise fault(doing, status, fault_name(status))
        return reply


def _start(option, chosen):
    """The command that starts continuous reading of the tags of a filter (option 0: all)."""
    search = bytes([_READ, option | _HAS_METADATA]) + access.u16(_SEARCH_FLAGS)
    search += access.u16(_CYCLE_MS) + access.u16(_METADATA) + chosen
    head = b"\x00\x00\x01" + bytes([_READ, 0, 0, _GEN2, len(search) - 1])
    return build(_CONTINUOUS, head + search)
