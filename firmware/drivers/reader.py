"""The interface between a gateway and its reader modules.

Runs unmodified on MicroPython and CPython. A driver owns one port and one module on it; it
hands what it hears to a *sink*, an object with two methods:

    take(buf, start, length, antenna, rssi_tenths, at_ms)
        one record: the EPC is `buf[start:start + length]`, valid only during the call;
        `rssi_tenths` in tenths of dBm, or None; `at_ms` since boot. Allocates nothing.
    looked(antenna, rounds, on_air_ms)
        inventory rounds made and time on air since the last call for that antenna.
"""

from drivers.errors import NotSupported
from drivers.link import Link


class Radio:
    """What a gateway's settings ask of its readers; never changed, only replaced.

    `region` is a name of the school file or None (then nothing may transmit); `power_dbm` maps
    antenna to dBm (absent: the module keeps its own); `session` 0..3; `prefixes` are
    hexadecimal strings of at least one digit. `target` is "A" or "AB", both in turn: in S1 to
    S3 a single target mutes a tag for seconds once it has answered, so there it is "AB". `desk`
    are the antennas where, when asked, every tag is read.
    """

    def __init__(self, region=None, power_dbm=None, session=0, prefixes=(), target=None, desk=()):
        self.region = region
        self.power_dbm = power_dbm or {}
        self.session = session
        self.prefixes = tuple(prefixes)
        self.target = target or ("AB" if session else "A")
        self.desk = tuple(desk)


class TagMask:
    """Which tags a select or an access is for: `bits` bits of `mask` at bit `pointer` of a bank."""

    def __init__(self, bank, pointer, bits, mask):
        self.bank = bank
        self.pointer = pointer
        self.bits = bits
        self.mask = mask


EPC_BANK, TID_BANK = 1, 2
EPC_BIT = 0x20  # an EPC begins behind the CRC and PC words of its bank


def by_epc(epc):
    """The mask of the tag with this EPC (bytes)."""
    return TagMask(EPC_BANK, EPC_BIT, 8 * len(epc), epc)


def by_tid(tid):
    """The mask of the tag with this TID (bytes)."""
    return TagMask(TID_BANK, 0, 8 * len(tid), tid)


def by_prefix(prefix):
    """The mask of all tags whose EPC begins with these hexadecimal digits."""
    padded = prefix if len(prefix) % 2 == 0 else prefix + "0"
    return TagMask(EPC_BANK, EPC_BIT, 4 * len(prefix), bytes.fromhex(padded))


class Reader:
    """One module on one port; each family's driver is a subclass. Every method may raise a
    `ReaderError`, and only these. `antennas[i]` is what the school calls the module's port i + 1.

    A driver has:

        async open()             find baud and framing, silence the module; returns its version
        async configure(radio)   bring a `Radio` into the module and read back what it can say
        async stream(slot_ms)    transmit for one slot on every antenna; returns when the module is
                                 silent and the sink has all of it
        async stop()             make the module stop transmitting
        async read_tid(tag, words=6)              returns bytes; `tag` is a `TagMask`
        async write_epc(tag, epc, password=0)     the PC word follows the new length
        async set_access_password(tag, new, password=0)
        async lock(tag, memory, how, password)    one of `MEMORIES`, one of `LOCKS`
        async sleep()            the module's lowest power from which a command wakes it
        async temperature()      degrees C, or None where the family cannot say

    A password is the tag's access password, 0 for none.
    """

    family = ""
    regions = {}  # region name -> the family's own code
    power_range_dbm = (0, 30)
    max_ports = 1

    MEMORIES = ("epc", "user", "access", "kill")  # the last two are the passwords
    LOCKS = ("open", "locked", "open-forever", "locked-forever")

    def __init__(self, port, antennas, sink, clock, parser):
        if not 1 <= len(antennas) <= self.max_ports:
            raise NotSupported(
                "{} has {} antenna ports, not {}".format(self.family, self.max_ports, len(antennas))
            )
        self.antennas = antennas
        self._sink = sink
        self._clock = clock
        self._parser = parser
        self._link = Link(port, parser, clock)

    @property
    def crc_errors(self):
        """Frames and records that failed a check."""
        return self._parser.crc_errors

    @property
    def resyncs(self):
        """Times the parser had to look for a new frame head."""
        return self._parser.resyncs

    async def temperature(self):
        return None

    async def power_cycle(self):
        """Switch the module off and on by its enable pin; False where it is not wired."""
        return await self._link.power_cycle()

    async def close(self):
        """Give the port back; never raises."""
        await self._link.close()

    def _region_code(self, radio):
        code = self.regions.get(radio.region)
        if code is None:
            raise NotSupported("{} has no region {}".format(self.family, radio.region))
        return code
