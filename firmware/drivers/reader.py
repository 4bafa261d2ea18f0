"""The interface between a gateway and its reader modules, and the errors a reader raises.

Runs unmodified on MicroPython and CPython. A driver owns one port and one module on it; it
hands what it hears to a *sink*, an object with two methods:

    take(buf, start, length, antenna, rssi_tenths, at_ms)
        one record: the EPC is `buf[start:start + length]`, valid only during the call;
        `rssi_tenths` in tenths of dBm, or None; `at_ms` since boot. Allocates nothing.
    looked(antenna, rounds, on_air_ms)
        inventory rounds made and time on air since the last call for that antenna.
"""


class ReaderError(Exception):
    """Something is wrong with a reader; the subclass says what can be done about it."""


class LinkLost(ReaderError):
    """The port is gone or the module is mute: close, wait, open again."""


class WrongAnswer(ReaderError):
    """The module answered, but not what was asked: the setting is not known to hold."""


class ModuleFault(ReaderError):
    """The module refused: `code` is its own number, `name` says it in words."""

    def __init__(self, doing, code, name):
        super().__init__("{}: module error {:02X}, {}".format(doing, code, name))
        self.code = code
        self.name = name


class TagFault(ReaderError):
    """A tag, not the module, refused or did not answer a tag command."""

    def __init__(self, doing, code, name):
        super().__init__("{}: tag error {:02X}, {}".format(doing, code, name))
        self.code = code
        self.name = name


class NotSupported(ReaderError):
    """This family cannot do what the settings ask; only other settings help."""


class Radio:
    """What a gateway's settings ask of its readers; never changed, only replaced.

    `region` is a name of the school file or None (then nothing may transmit); `power_dbm` maps
    antenna to dBm (absent: the module keeps its own); `session` 0..3; `prefixes` are
    hexadecimal strings of at least one digit.
    """

    def __init__(self, region=None, power_dbm=None, session=0, prefixes=()):
        self.region = region
        self.power_dbm = power_dbm or {}
        self.session = session
        self.prefixes = tuple(prefixes)


class Reader:
    """One module on one port. Every method may raise a `ReaderError`."""

    family = ""
    regions = {}  # region name -> the family's own code
    power_range_dbm = (0, 30)

    crc_errors = 0  # frames and records that failed a check
    resyncs = 0  # times the parser had to look for a new frame head

    async def open(self):
        """Open the port, silence the module, find its dialect; returns its version text."""
        raise NotImplementedError

    async def configure(self, radio):
        """Bring region, power, session and mask into the module and read back what it can say."""
        raise NotImplementedError

    async def stream(self, slot_ms):
        """Transmit for one slot; returns when the module is silent and the sink has all of it."""
        raise NotImplementedError

    async def stop(self):
        """Make the module stop transmitting."""
        raise NotImplementedError

    async def close(self):
        """Give the port back; never raises."""
        raise NotImplementedError
