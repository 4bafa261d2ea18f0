"""Driver of Chafon's UHFReader18 family (UHFReader18, 86, 288M, 288MP): one to eight ports.

The module reads only when told to (01), for at most 100 ms at one antenna, and falls silent by
itself. The UHFReader18 has one port, no RSSI and nothing to choose on the air; the later models
take Q, session, target, a mask and the antenna with each command. Which one it is the module
says itself (21). Each inventory counts as one round, and as on air from its command to its end.
Its tags come with its replies, so a read is dated at most one inventory late.
"""

from drivers.errors import NotSupported, WrongAnswer
from drivers.reader import Reader, by_prefix
from drivers.uhfreader18.access import (
    PROTECT,
    READ,
    WRITE,
    protect_data,
    read_tid_data,
    write_epc_data,
    write_password_data,
)
from drivers.uhfreader18.frames import UhfReader18Parser
from drivers.uhfreader18.lists import hand_over, is_whole
from drivers.uhfreader18.settings import REGIONS, configure_18, configure_later
from drivers.uhfreader18.status import DONE, FULL, MORE, NO_TAG, STATISTICS, TOO_WEAK, fault
from drivers.uhfreader18.talk import Talk

_INVENTORY, _TEMPERATURE = 0x01, 0x92

_INVENTORY_S = 0.7  # 375 ms of a UHFReader18 at most, and its frames on the line
_ACCESS_S = 2.8  # a write with its retries takes up to 2 s; a mute module must show within 3 s
_AFTER_FULL_S = 0.1  # some firmware ends an inventory with "memory full", some goes on to 01
_TRIES = 2
_MISSED = 2  # answers in one slot; then it ends early, for a mute module must show within 3 s
_SCAN = 1  # x 100 ms
_Q = 5  # 32 slots to begin with: a full cart at one antenna
_ANY_TAG = b"\x01\x00\x00\x00"  # a mask of no bits


class UhfReader18(Reader):
    """One module, on a board's `port`; `antennas` one for each of its ports in use."""

    family = "uhfreader18"
    regions = REGIONS
    power_range_dbm = (0, 33)
    max_ports = 8

    def __init__(self, port, antennas, sink, clock):
        super().__init__(port, antennas, sink, clock, UhfReader18Parser(self))
        self._talk = Talk(self._link, self._parser)
        self._port = 0  # whose inventory is under way
        self._inventories = ()  # for each target in turn, the command of each port
        self._turn = 0
        self._failed = None  # (port, status) of the last inventory that failed in this slot
        self._missed = 0  # inventories of this slot without an answer
        self._bad_lists = 0
        self._rounds = [0] * len(antennas)
        self._on_air_ms = [0] * len(antennas)

    @property
    def crc_errors(self):
        """Frames with a bad checksum, and whole ones whose tag list is out of joint."""
        return self._parser.crc_errors + self._bad_lists

    async def open(self):
        self._inventories = ()
        info = await self._talk.find()
        await self._talk.silence()
        return "{} {}.{:02d}".format(self._talk.model, info[0], info[1])

    async def configure(self, radio):
        bands = self._region_code(radio)
        if not self._talk.is_18:
            await configure_later(self._talk, radio, bands, self.antennas)
        elif len(self.antennas) == 1:
            await configure_18(self._talk, radio, bands, self.antennas[0])
        else:
            raise NotSupported("a UHFReader18 has one antenna, not {}".format(len(self.antennas)))
        self._inventories = tuple(self._commands(radio, target) for target in radio.target)
        self._turn = 0

    async def stream(self, slot_ms):
        """Every antenna looks at least once; more turns begin until the slot is over."""
        self._link.check()
        self._check_region()
        self._failed = None
        self._missed = 0
        try:
            await self._look(self._clock.up_ms() + slot_ms)
        finally:
            self._tell_looks()
        if self._failed:
            port, status = self._failed
            raise fault("inventory at antenna {}".format(self.antennas[port]), status)

    async def stop(self):
        """An inventory ends by itself, and until then the module answers nothing else."""
        await self._talk.info()

    async def read_tid(self, tag, words=6):
        data = await self._access(READ, read_tid_data(tag, self._by_mask, words), "read TID")
        if len(data) != 2 * words:
            raise WrongAnswer("{} bytes of TID, not {}".format(len(data), 2 * words))
        return data

    async def write_epc(self, tag, epc, password=0):
        data = write_epc_data(tag, self._by_mask, epc, password)
        await self._access(WRITE, data, "write EPC")

    async def set_access_password(self, tag, new, password=0):
        data = write_password_data(tag, self._by_mask, new, password)
        await self._access(WRITE, data, "set access password")

    async def lock(self, tag, memory, how, password):
        data = protect_data(tag, self._by_mask, memory, how, password)
        await self._access(PROTECT, data, "lock {}".format(memory))

    async def sleep(self):
        """There is no sleep to send it to: between inventories its transmitter is off."""

    async def temperature(self):
        if self._talk.is_18:
            return None
        data = await self._talk.ask(_TEMPERATURE)
        if len(data) != 2:
            raise WrongAnswer("temperature {}".format(data))
        return data[1] if data[0] else -data[1]  # a sign (0 below zero) and degrees

    def frame(self, command, status, start, length):
        """Called by the parser for each frame; allocates only for a reply that is waited for."""
        awaited = self._link.awaited
        if command == _INVENTORY:
            if DONE <= status <= FULL:
                self._tags(start, length)
            if awaited == _INVENTORY and status != MORE and status != STATISTICS:
                self._link.answer(status)
        elif awaited is None:
            return  # late, or of a module that reads by itself (EE)
        elif command == 0 and awaited == _INVENTORY:
            self._link.answer(status)
        elif command == awaited or command == 0:
            self._link.answer((status, bytes(self._parser.buf[start : start + length])))

    def _commands(self, radio, target):
        """The inventory command of each port."""
        if self._talk.is_18:
            return (self._talk.frame(_INVENTORY),)
        mask = _ANY_TAG
        if len(radio.prefixes) == 1:
            tag = by_prefix(radio.prefixes[0])
            mask = bytes([tag.bank, tag.pointer >> 8, tag.pointer & 0xFF, tag.bits]) + tag.mask
        head = bytes([_Q, radio.session]) + mask + bytes([1 if target == "B" else 0])
        return tuple(
            self._talk.frame(_INVENTORY, head + bytes([0x80 | port, _SCAN]))
            for port in range(len(self.antennas))
        )

    async def _look(self, until_ms):
        while True:
            commands = self._inventories[self._turn]
            self._turn = (self._turn + 1) % len(self._inventories)
            for port in range(len(commands)):
                await self._inventory(port, commands[port])
                if self._missed == _MISSED:
                    return
            if self._clock.up_ms() >= until_ms:
                return

    async def _inventory(self, port, command):
        """One inventory at one port; its tags have reached the sink when this returns."""
        self._port = port
        began = self._clock.up_ms()
        for _ in range(_TRIES):
            status = await self._link.exchange(command, _INVENTORY, _INVENTORY_S)
            if status is not None:
                break
            self._missed += 1
        else:
            if self._talk.is_mute(_INVENTORY_S):
                raise self._talk.unanswered(_INVENTORY_S)
            return
        if status == FULL:
            await self._link.wait(_INVENTORY, _AFTER_FULL_S)
        if status <= FULL or status in (NO_TAG, TOO_WEAK):
            self._rounds[port] += 1
            self._on_air_ms[port] += self._clock.up_ms() - began
        else:
            self._failed = (port, status)

    def _tags(self, start, length):
        buf = self._parser.buf
        is_18 = self._talk.is_18
        if not is_whole(buf, start, length, is_18):
            self._bad_lists += 1
        elif length:
            antenna = self._antenna(buf[start])
            hand_over(buf, start, is_18, antenna, self._sink, self._link.at_ms)

    def _antenna(self, bit):
        """The school's number of the antenna whose bit a list carries."""
        if not self._talk.is_18:
            for port in range(len(self.antennas)):
                if bit == 1 << port:
                    return self.antennas[port]
        return self.antennas[self._port]

    def _tell_looks(self):
        for port in range(len(self.antennas)):
            self._sink.looked(self.antennas[port], self._rounds[port], self._on_air_ms[port])
            self._rounds[port] = self._on_air_ms[port] = 0

    @property
    def _by_mask(self):
        """Whether the module finds a tag by a mask too."""
        return not self._talk.is_18

    def _access(self, command, data, doing):
        """A tag command; never sent twice, because what was written may need another password."""
        self._check_region()
        return self._talk.ask_once(command, data, doing, _ACCESS_S)

    def _check_region(self):
        if not self._inventories:
            raise NotSupported("{} has no region yet".format(self._talk.model))
