"""What an M100 remembers, and the commands that only look at it or change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.modules.inventory import Query
from simulator.modules.m100.frames import Code
from simulator.modules.select import Select


class CommandError(Exception):
    """The command is answered by an error response with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"error {code:02X}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Region:
    """Channels of a region: `first_mhz` + index * `step_mhz`."""

    first_mhz: float
    step_mhz: float
    channels: int


# CN900's 20 channels follow from the manual's scan answer; the counts of US, EU and KR are not in
# it and are what works in the field.
REGIONS = {
    0x01: Region(920.125, 0.25, 20),  # CN900
    0x02: Region(902.25, 0.5, 52),  # US
    0x03: Region(865.1, 0.2, 15),  # EU
    0x04: Region(840.125, 0.25, 20),  # CN800
    0x06: Region(917.1, 0.2, 32),  # KR
}
BAUDS = (9600, 19200, 28800, 38400, 57600, 115200, 230400, 460800, 921600)
# EPC bank at the EPC, a mask of no bits, which every tag matches; in the usual 19 bytes.
NO_SELECT = bytes.fromhex("01 00000020 00 00") + bytes(12)
SELECT_ALWAYS, SELECT_NEVER, SELECT_BEFORE_ACCESS = 0, 1, 2
MAX_POWER_WORD = 3300  # 0.01 dBm; boards take what they cannot give and clip it at the amplifier

# The manual's jammer scan (F2), dBm for each channel; an RSSI scan (F3) of a quiet room is floor.
JAMMER_DBM = bytes.fromhex("f2f1f0efeceae8eaeceef0f1f5f5f5f6f5f5f5f5")
RSSI_FLOOR = (-70 & 0xFF).to_bytes(1, "big")


@dataclass
class Settings:
    """The state of one module. Defaults are those the manual's sample answers show."""

    hardware: str = "M100 V1.00"
    software: str = "V2.3.5"
    maker: str = "MagicRF"
    max_dbm: float = 20.0
    extra_dbm: float = 0.0  # what a 26 dBm board gives beyond its power word
    region: int = 0x01
    channel: int = 0
    hopping: bool = True
    hop_channels: bytes = b""
    power_word: int = 2000
    query_word: int = 0x1020
    select: bytes = NO_SELECT
    select_mode: int = SELECT_BEFORE_ACCESS
    demodulator: bytes = bytes.fromhex("030601b0")
    auto_sleep_minutes: int = 0
    idle: bytes = bytes(3)
    dense_readers: bool = False
    carrier: bool = False
    pins: dict[int, int] = field(default_factory=dict)
    select_reply_command: int = 0x0C

    @property
    def power_dbm(self) -> float:
        """Return what the amplifier gives for the power word."""
        return min(self.power_word / 100 + self.extra_dbm, self.max_dbm)

    @property
    def query(self) -> Query:
        """Return the query word as what it asks of tags."""
        word = self.query_word
        return Query(word >> 8 & 3, bool(word >> 7 & 1), word >> 10 & 3, word >> 3 & 15)

    @property
    def select_command(self) -> Select:
        """Return the select parameters as the command the air carries."""
        head, mask = self.select[0], self.select[7:]
        bits = self.select[5] if mask else 0  # a length without a mask is "no selection"
        value = int.from_bytes(mask, "big") >> (len(mask) * 8 - bits) if bits else 0
        pointer = int.from_bytes(self.select[1:5], "big")
        return Select(head >> 5, head >> 2 & 7, head & 3, pointer, bits, value)

    def frequencies(self) -> list[float]:
        """Return the centre frequencies in use, in MHz: one, or all that are hopped over."""
        region = REGIONS[self.region]
        indexes: bytes | range = bytes((self.channel,))
        if self.hopping:
            indexes = self.hop_channels or range(region.channels)
        return [region.first_mhz + index * region.step_mhz for index in indexes]

    def reload_select(self) -> None:
        """Forget the select settings, as the chip does when it wakes."""
        self.select, self.select_mode = NO_SELECT, SELECT_BEFORE_ACCESS


def answer_setting(settings: Settings, command: int, params: bytes) -> bytes | None:
    """Carry out a command of `SETTINGS_COMMANDS`; return the answer's parameters.

    None means that the command has no answer. Raises `CommandError` 17 where the parameters are
    not ones the manual allows.
    """
    size, handler = SETTINGS_COMMANDS[command]
    if size is not None and len(params) != size:
        raise CommandError(Code.BAD_COMMAND)
    return handler(settings, params)


_OK = b"\x00"


def _demand(good: bool) -> None:
    if not good:
        raise CommandError(Code.BAD_COMMAND)


def _info(settings: Settings, params: bytes) -> bytes:
    _demand(params[0] <= 2)
    text = (settings.hardware, settings.software, settings.maker)[params[0]]
    return params + text.encode("ascii")


def _idle(settings: Settings, params: bytes) -> bytes:
    _demand(params[0] <= 1 and params[1] == 1 and params[2] <= 30)
    settings.idle = params
    return _OK


def _set_region(settings: Settings, params: bytes) -> bytes:
    _demand(params[0] in REGIONS)
    if params[0] != settings.region:
        settings.channel, settings.hop_channels = 0, b""
    settings.region = params[0]
    return _OK


def _set_select(settings: Settings, params: bytes) -> bytes:
    _demand(len(params) >= 7 and params[6] in (0x00, 0x80))
    mask = params[7:]
    _demand(not mask or len(mask) >= (params[5] + 7) // 8)
    settings.select = params
    # The manual: setting the parameters sets the mode to 02. Who wants inventories selected too
    # sends 12 00 afterwards.
    settings.select_mode = SELECT_BEFORE_ACCESS
    return _OK


def _set_select_mode(settings: Settings, params: bytes) -> bytes:
    _demand(params[0] <= SELECT_BEFORE_ACCESS)
    settings.select_mode = params[0]
    return _OK


def _set_query(settings: Settings, params: bytes) -> bytes:
    settings.query_word = int.from_bytes(params, "big")
    return _OK


def _io(settings: Settings, params: bytes) -> bytes:
    operation, pin, value = params
    _demand(operation <= 2 and 1 <= pin <= 4 and (value <= 1 or operation == 2))
    if operation == 2:
        return bytes((operation, pin, settings.pins.get(pin, 0)))
    if operation == 1:
        settings.pins[pin] = value
    return bytes((operation, pin, 1))


def _auto_sleep(settings: Settings, params: bytes) -> bytes:
    _demand(params[0] <= 30)
    settings.auto_sleep_minutes = params[0]
    return params


def _insert_channels(settings: Settings, params: bytes) -> bytes:
    _demand(len(params) >= 1 and len(params) == params[0] + 1)
    count = REGIONS[settings.region].channels
    _demand(all(index < count for index in params[1:]))
    settings.hop_channels = params[1:]
    return _OK


def _set_channel(settings: Settings, params: bytes) -> bytes:
    _demand(params[0] < REGIONS[settings.region].channels)
    settings.channel = params[0]
    return _OK


def _switch(name: str) -> Callable[[Settings, bytes], bytes]:
    def handler(settings: Settings, params: bytes) -> bytes:
        _demand(params[0] in (0x00, 0xFF))
        setattr(settings, name, params[0] == 0xFF)
        return _OK

    return handler


def _set_power(settings: Settings, params: bytes) -> bytes:
    word = int.from_bytes(params, "big")
    _demand(word <= MAX_POWER_WORD)
    settings.power_word = word
    return _OK


def _set_demodulator(settings: Settings, params: bytes) -> bytes:
    _demand(params[0] <= 6 and params[1] <= 7)
    settings.demodulator = params
    return _OK


def _set_surroundings(settings: Settings, params: bytes) -> bytes:
    """Undocumented, but vendors' programs send it first: 00 high sensitivity, 01 dense readers."""
    _demand(params[0] <= 1)
    settings.dense_readers = params[0] == 1
    return _OK


def _scan(profile: bytes) -> Callable[[Settings, bytes], bytes]:
    def handler(settings: Settings, params: bytes) -> bytes:
        count = REGIONS[settings.region].channels
        levels = bytes(profile[index % len(profile)] for index in range(count))
        return bytes((0, count - 1)) + levels

    return handler


SETTINGS_COMMANDS: dict[int, tuple[int | None, Callable[[Settings, bytes], bytes]]] = {
    # command: (number of parameter bytes, None where it varies; handler)
    0x03: (1, _info),
    0x04: (3, _idle),
    0x07: (1, _set_region),
    0x08: (0, lambda settings, _: bytes((settings.region,))),
    0x0B: (0, lambda settings, _: settings.select),
    0x0C: (None, _set_select),
    0x0D: (0, lambda settings, _: settings.query_word.to_bytes(2, "big")),
    0x0E: (2, _set_query),
    0x12: (1, _set_select_mode),
    0x1A: (3, _io),
    0x1D: (1, _auto_sleep),
    0xA9: (None, _insert_channels),
    0xAA: (0, lambda settings, _: bytes((settings.channel,))),
    0xAB: (1, _set_channel),
    0xAD: (1, _switch("hopping")),
    0xB0: (1, _switch("carrier")),
    0xB6: (2, _set_power),
    0xB7: (0, lambda settings, _: settings.power_word.to_bytes(2, "big")),
    0xF0: (4, _set_demodulator),
    0xF1: (0, lambda settings, _: settings.demodulator),
    0xF2: (0, _scan(JAMMER_DBM)),
    0xF3: (0, _scan(RSSI_FLOOR)),
    0xF5: (1, _set_surroundings),
}
