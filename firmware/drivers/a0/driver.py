"""Driver of the A0 family: boards with Impinj R2000, E310, E510 or E710 (YR8xx, YR9xx, M2800 and
others), with 1 to 8 antennas at one UART.

The module looks only when told to, for one round each time (`drivers/a0/inventory.py`), so a slot
is as many rounds as fit. Sources: the module makers' demo programs and public logs.
"""

import asyncio

from drivers.a0.access import Access
from drivers.a0.codes import RESTARTED
from drivers.a0.frames import BROADCAST, REAL_TIME, SESSION, A0Parser
from drivers.a0.inventory import Inventory, Plan
from drivers.a0.setup import (
    REGIONS,
    check_ports,
    quiet_and_watchful,
    set_mask,
    set_power,
    set_region,
    still_set,
)
from drivers.a0.talk import Talk
from drivers.errors import LinkLost, NotSupported, WrongAnswer
from drivers.reader import Reader

_RESET, _VERSION, _TEMPERATURE = 0x70, 0x72, 0x7B

_BAUDS = (115200, 38400)  # as shipped; the other one it can be set to
_PROBE_S = 0.3  # the module answers within 20 ms; the rest is for a loaded host
_TRIES = 2
# An inventory of another host, or of this one before it restarted: 40 ms an antenna and round.
# What runs longer may be one that never ends (repeat FF), and is ended by a reset.
_LONGEST_MS = 6000
_BOOT_S = 1.5


class A0(Reader):
    """One module, on a board's `port`; `antennas` names its ports 1 to 8, `clock` has `up_ms()`."""

    family = "a0"
    regions = REGIONS
    power_range_dbm = (0, 33)
    max_ports = 8

    def __init__(self, port, antennas, sink, clock):
        parser = A0Parser(self)
        super().__init__(port, antennas, sink, clock, parser)
        self._talk = Talk(self._link, parser)
        self._inventory = Inventory(self._talk, self._link, parser, antennas, sink, clock)
        self._access = Access(self._talk, antennas)
        self._plan = None  # how to look, once all settings hold
        self._power_dbm = []  # of each port
        self._in_doubt = False  # whether the module may have lost its settings
        self._restarted = False  # whether it said so

    @property
    def zero_epcs(self):
        """Records of nothing but zeros that were dropped: the module makes them of noise."""
        return self._inventory.zero_epcs

    async def open(self):
        """Finds baud and address; an inventory that still runs is waited for."""
        self._plan = None
        await self._link.open(_BAUDS[0])
        for baud in (_BAUDS if self._link.has_baud else _BAUDS[:1]) * _TRIES:
            self._link.set_baud(baud)
            version = await self._probe()
            if version is not None:
                return version
        raise LinkLost("no answer on {} at any rate".format(self._link.name))

    async def configure(self, radio):
        spectrum = self._region_code(radio)
        self._plan = None  # nothing transmits until all of it holds
        self._restarted = False
        await self.stop()
        await set_region(self._talk, radio.region, spectrum)
        await check_ports(self._talk, len(self.antennas))
        power = [radio.power_dbm.get(antenna) for antenna in self.antennas]
        self._power_dbm = await set_power(self._talk, power)
        await quiet_and_watchful(self._talk)
        back_in_a = await set_mask(self._talk, radio)
        self._in_doubt = False
        self._plan = Plan(radio.session, radio.target == "AB" and not back_in_a)

    async def stream(self, slot_ms):
        """Rounds until the slot is over; a missing antenna is told once, the others go on.

        A module that restarted has lost what is not in its flash. It may say so, or not: an end
        that never came makes doubtful. Then `WrongAnswer` has the settings brought in again.
        """
        self._link.check()
        if self._plan is None:
            raise NotSupported("a0: no region is set, so nothing may transmit")
        resent = self._inventory.resent
        try:
            complaint = await self._inventory.run(self._plan, slot_ms)
        except LinkLost:
            # It may be in an endless inventory of another host, which finds no tag and so is
            # silent, and answers all commands but an inventory.
            self._talk.send(_RESET)
            raise
        if self._inventory.resent != resent:
            self._in_doubt = True
        if self._in_doubt:
            await self._settle_doubt()
        if self._restarted:
            raise WrongAnswer("{} restarted and lost its settings".format(self._link.name))
        if complaint:
            raise complaint

    async def stop(self):
        """There is no command for it: the round that is under way ends by itself."""
        if self._inventory.running and not await self._inventory.outwait(_LONGEST_MS):
            await self._reset()

    async def read_tid(self, tag, words=6):
        return await self._access.read_tid(tag, words)

    async def write_epc(self, tag, epc, password=0):
        await self._access.write_epc(tag, epc, password)

    async def set_access_password(self, tag, new, password=0):
        await self._access.set_access_password(tag, new, password)

    async def lock(self, tag, memory, how, password):
        await self._access.lock(tag, memory, how, password)

    async def temperature(self):
        reply = await self._talk.ask(_TEMPERATURE)
        if len(reply) != 2 or reply[0] > 1:
            raise WrongAnswer("temperature: {}".format(reply))
        return reply[1] if reply[0] else -reply[1]  # 01 is plus, though the manual says minus

    async def sleep(self):
        """The family has no command to sleep: between rounds its antennas are idle anyway."""
        await self.stop()

    def frame(self, address, command, start, length):
        """Called by the parser for each frame; allocates only for a reply that is waited for."""
        own = self._talk.address
        if address != own and own != BROADCAST:
            return False
        if command == _RESET and length == 1 and self._parser.buf[start] == RESTARTED:
            self._restarted = True
        if REAL_TIME <= command <= SESSION:
            return self._inventory.frame(command, start, length)
        return self._talk.take(address, command, start, length)

    async def _probe(self):
        self._talk.forget()
        if not await self._inventory.outwait(_LONGEST_MS):
            await self._reset()
        reply = await self._talk.find(_VERSION, _PROBE_S)
        if reply is None or len(reply) != 2:
            return None
        return "{}.{}".format(reply[0], reply[1])

    async def _settle_doubt(self):
        holds = await still_set(self._talk, self._power_dbm)
        if holds is False:
            self._restarted = True
        self._in_doubt = holds is None

    async def _reset(self):
        self._talk.send(_RESET)
        await asyncio.sleep(_BOOT_S)
        await self._inventory.outwait(_LONGEST_MS)
