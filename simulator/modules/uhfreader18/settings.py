"""What a UHFReader remembers, and the commands that only look at it or change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.modules.uhfreader18.frames import CommandError, Status, demand
from simulator.modules.uhfreader18.models import Model

ANSWER, REALTIME, TRIGGER = 0, 1, 2  # command 76
BAUDS = {0: 9600, 1: 19200, 2: 38400, 5: 57600, 6: 115200}
DEGREES = 34  # Celsius, of a reader at rest in a room
SHORTEST_SCAN, SCAN_18, SCAN_288 = 3, 10, 20  # x 100 ms


@dataclass(frozen=True, slots=True)
class Band:
    """Channels of a region: `first_mhz` + index * `step_mhz`."""

    first_mhz: float
    step_mhz: float
    channels: int


BANDS = {  # the manuals' formulas; 0 is the UHFReader18's own, anywhere in 902-927 MHz
    0: Band(902.6, 0.4, 63),
    1: Band(920.125, 0.25, 20),  # CN
    2: Band(902.75, 0.5, 50),  # US
    3: Band(917.1, 0.2, 32),  # KR
    4: Band(865.1, 0.2, 15),  # EU
    6: Band(868.0, 0.1, 7),  # Ukraine
    7: Band(916.2, 0.9, 12),  # Peru
    8: Band(840.125, 0.25, 20),  # CN1
    9: Band(865.7, 0.6, 4),  # EU3
    10: Band(922.25, 0.5, 12),  # Taiwan
    12: Band(902.0, 0.5, 53),  # US3
}


@dataclass
class Settings:
    """The state of one reader; defaults are the factory's."""

    model: Model
    address: int = 0
    band: int = 2
    first_channel: int = 0
    last_channel: int = 49
    scan_time: int = SCAN_288
    power_dbm: list[int] = field(default_factory=list)
    write_power: int = 0  # bit 7: in use
    antennas: int = 0x01  # bit mask of the ports that take turns
    antenna_check: int = 0
    beep: int = 0
    pulse: int = 0
    mode: int = ANSWER
    fast: bool = False  # command 50: streaming that power does not bring back
    realtime: bytes = bytes((0, 0, 0, 4, 0)) + b"\x01" + bytes(3 + 32 + 2)
    heartbeat: int = 0  # x 30 s, 0 none
    work_mode: bytes = bytes((0, 2, 4, 0, 6, 0))  # 35: answer, RS232, multiple, word, words, delay
    wiegand: bytes = bytes((0, 30, 10, 15))
    eas_accuracy: int = 8
    syris_offset: int = 0
    trigger_s: int = 0
    relay: int = 0
    pins: int = 0x0F
    inlay: int = 0
    buffer_length: int = 0
    retries: int = 3
    profile: int = 1
    dense: int = 0
    loss_limit: int = 0
    serial: bytes = bytes.fromhex("18288001")
    kept: dict[int, bytes] = field(default_factory=dict)  # by command, what only hosts use

    def __post_init__(self) -> None:
        if not self.power_dbm:
            self.power_dbm = [min(30, self.model.max_power)] * self.model.ports
        if self.model.strict_18:
            self.scan_time = SCAN_18

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the antenna ports that take turns, from 1."""
        return tuple(p for p in range(1, self.model.ports + 1) if self.antennas >> p - 1 & 1)

    @property
    def frequency_bytes(self) -> bytes:
        """Return highest and lowest channel, with the band's number in their top bits."""
        return bytes(
            ((self.band >> 2) << 6 | self.last_channel, (self.band & 3) << 6 | self.first_channel)
        )

    def frequencies(self) -> list[float]:
        """Return the centre frequencies that are hopped over, in MHz."""
        band = BANDS[self.band]
        channels = range(self.first_channel, self.last_channel + 1)
        return [band.first_mhz + channel * band.step_mhz for channel in channels]

    def power(self, port: int, *, writing: bool = False) -> float:
        """Return the power on a port in dBm."""
        if writing and self.write_power & 0x80:
            return float(self.write_power & 0x7F)
        return float(self.power_dbm[port - 1])


def answer_setting(settings: Settings, command: int, data: bytes) -> bytes:
    """Carry out a command of `SETTINGS_COMMANDS`; return what its answer holds.

    Raises `CommandError` where length or content are not what the manuals allow.
    """
    sizes, handler = SETTINGS_COMMANDS[command]
    if settings.model.strict_18 and command not in COMMANDS_18:
        raise CommandError(Status.ILLEGAL)
    demand(len(data) in sizes, Status.LENGTH)
    return handler(settings, data)


def _info(settings: Settings, _: bytes) -> bytes:
    model = settings.model
    head = bytes((*model.firmware, model.type, 0x03)) + settings.frequency_bytes
    head += bytes((settings.power_dbm[0], settings.scan_time))
    if not model.long_info:
        return head
    tail = (settings.antennas & 0xFF, settings.beep, settings.pulse, settings.antenna_check)
    return head + bytes(tail)


def _frequency(settings: Settings, data: bytes) -> bytes:
    number = data[0] >> 6 << 2 | data[1] >> 6
    last, first = data[0] & 0x3F, data[1] & 0x3F
    demand(number in BANDS and first <= last < BANDS[number].channels)
    settings.band, settings.first_channel, settings.last_channel = number, first, last
    return b""


def _address(settings: Settings, data: bytes) -> bytes:
    if data[0] == 0xFF:  # a UHFReader18 takes 0 instead, its successors refuse
        demand(not settings.model.newer)
    settings.address = data[0] if data[0] != 0xFF else 0
    return b""


def _scan_time(settings: Settings, data: bytes) -> bytes:
    too_short = settings.model.strict_18 and data[0] < SHORTEST_SCAN
    settings.scan_time = SCAN_18 if too_short else data[0]
    return b""


def _power(settings: Settings, data: bytes) -> bytes:
    """One byte for all ports, or one for each from the first on; bit 7 asks not to keep it over
    power."""
    levels = [level & 0x7F for level in data]
    demand(len(levels) <= settings.model.ports, Status.LENGTH)
    demand(max(levels) <= settings.model.max_power)
    if len(levels) == 1:
        levels *= settings.model.ports
    settings.power_dbm[: len(levels)] = levels
    return b""


def _antennas(settings: Settings, data: bytes) -> bytes:
    """One mask byte whose bit 7 says "until power goes", or that flag and 16 mask bits apart."""
    if len(data) == 1:
        mask = data[0] if settings.model.ports == 8 else data[0] & 0x7F
    else:
        mask = int.from_bytes(data[1:], "big")
    demand(mask != 0 and mask >> settings.model.ports == 0)
    settings.antennas = mask
    return b""


def _work_mode(settings: Settings, data: bytes) -> bytes:
    """Six bytes set the UHFReader18's mode; one byte is the buzzer of some desktop readers."""
    if len(data) == 1:
        if data[0] & 0x80:
            settings.beep = data[0] & 1
            return b""
        return bytes((settings.beep,))
    demand(data[2] <= 6)
    settings.work_mode = data
    return b""


def _read_mode(settings: Settings, data: bytes) -> bytes:
    demand(data[0] <= TRIGGER)
    settings.mode = data[0]
    return b""


def _realtime(settings: Settings, data: bytes) -> bytes:
    """Protocol, pause, filter, Q, session, then a mask and a piece of TID, each if it is there."""
    head, rest = data[:5], data[5:]
    demand(head[1] <= 4 and head[3] & 0x1F <= 15 and (head[4] <= 3 or head[4] == 0xFF))
    mask, tid = bytes((1, 0, 0, 0)) + bytes(32), bytes(2)
    if len(rest) == 2:
        tid = rest
    elif rest:
        size = 4 + (rest[3] + 7) // 8 if len(rest) >= 4 else 0
        demand(size in (len(rest), len(rest) - 2) and size <= 36, Status.LENGTH)
        demand(1 <= rest[0] <= 3)
        mask = rest[:size].ljust(36, b"\0")
        tid = rest[size:] or tid
    settings.realtime = head + mask + tid
    return b""


def _store(name: str, top: int = 0xFF) -> Callable[[Settings, bytes], bytes]:
    """Return the handler of a command whose one byte is kept."""

    def handler(settings: Settings, data: bytes) -> bytes:
        demand(data[0] <= top)
        setattr(settings, name, data[0])
        return b""

    return handler


def _load(name: str) -> Callable[[Settings, bytes], bytes]:
    return lambda settings, _: bytes((getattr(settings, name),))


def _store_or_load(name: str, top: int) -> Callable[[Settings, bytes], bytes]:
    """Return the handler of a command that sets its value where bit 7 is 1, and always tells it."""

    def handler(settings: Settings, data: bytes) -> bytes:
        if data[0] & 0x80:
            demand(data[0] & 0x7F <= top)
            setattr(settings, name, data[0] & 0x7F)
        return bytes((getattr(settings, name),))

    return handler


def _keep(command: int) -> Callable[[Settings, bytes], bytes]:
    """Return the handler of a command whose bytes matter to none but the host."""

    def handler(settings: Settings, data: bytes) -> bytes:
        settings.kept[command] = data
        return b""

    return handler


def _kept(command: int, otherwise: bytes) -> Callable[[Settings, bytes], bytes]:
    return lambda settings, _: settings.kept.get(command, otherwise)


def _wiegand(settings: Settings, data: bytes) -> bytes:
    settings.wiegand = data
    return b""


def _trigger(settings: Settings, data: bytes) -> bytes:
    if data[0] != 0xFF:
        settings.trigger_s = data[0]
    return bytes((settings.trigger_s,))


def _write_power(settings: Settings, data: bytes) -> bytes:
    demand(data[0] & 0x7F <= settings.model.max_power)
    settings.write_power = data[0]
    return b""


def _baud(_: Settings, data: bytes) -> bytes:
    demand(data[0] in BAUDS)  # the reader's own loop changes it once this answer has left
    return b""


def _work_mode_all(settings: Settings, _: bytes) -> bytes:
    tail = bytes((settings.eas_accuracy, settings.syris_offset))
    return settings.wiegand + settings.work_mode + tail


def _done(_: Settings, __: bytes) -> bytes:
    return b""


_ONE, _NONE = (1,), (0,)
SETTINGS_COMMANDS: dict[int, tuple[tuple[int, ...] | range, Callable[[Settings, bytes], bytes]]] = {
    # command: (numbers of data bytes it may have; handler)
    0x21: (_NONE, _info),
    0x22: ((2,), _frequency),
    0x24: (_ONE, _address),
    0x25: (_ONE, _scan_time),
    0x28: (_ONE, _baud),
    0x2F: (range(1, 17), _power),
    0x33: ((3,), _done),  # LED and buzzer: on and off times, repeats
    0x34: ((4,), _wiegand),
    0x35: ((1, 6), _work_mode),
    0x36: (_NONE, _work_mode_all),
    0x37: (_ONE, _store("eas_accuracy", 8)),
    0x38: (_ONE, _store("syris_offset", 100)),
    0x3A: (_ONE, lambda settings, data: _store("inlay", 254)(settings, data) + data),
    0x3B: (_ONE, _trigger),
    0x3C: ((2,), _keep(0x3C)),  # autonomous mode: condition and pause of reports
    0x3D: (_ONE, _keep(0x3D)),  # and of inventories
    0x3E: (_ONE, _keep(0x3E)),  # kind of tags
    0x3F: ((1, 3), _antennas),
    0x40: (_ONE, _store("beep", 1)),
    0x41: ((6,), _keep(0x41)),  # clock: year, month, day, hour, minute, second
    0x42: (_NONE, _kept(0x41, bytes((24, 1, 1, 0, 0, 0)))),
    0x44: (_NONE, _done),  # forget the tags of autonomous mode
    0x45: (_ONE, _store("relay")),
    0x46: (_ONE, _store("pins")),
    0x47: (_NONE, _load("pins")),
    0x48: (_ONE, _store("pulse")),
    0x49: (_ONE, _keep(0x49)),
    0x4A: ((2,), _keep(0x4A)),
    0x4C: (_NONE, lambda settings, _: settings.serial),
    0x66: (_ONE, _store("antenna_check", 1)),
    0x6E: (_ONE, _store_or_load("loss_limit", 0x7F)),
    0x71: (_NONE, _load("buffer_length")),
    0x75: (range(5, 44), _realtime),
    0x76: (_ONE, _read_mode),
    0x77: (_NONE, lambda settings, _: bytes((settings.mode,)) + settings.realtime),
    0x78: (_ONE, _store_or_load("heartbeat", 0x7F)),
    0x79: (_ONE, _write_power),
    0x7A: (_NONE, _load("write_power")),
    0x7B: (_ONE, _store_or_load("retries", 7)),
    0x7D: ((4,), _keep(0x7D)),  # a password that the reader adds to accesses
    0x7E: (_NONE, _kept(0x7D, bytes(4))),
    0x7F: (_ONE, _store_or_load("profile", 3)),
    0x81: ((2,), _keep(0x81)),  # Q and session of autonomous mode
    0x82: (_NONE, _kept(0x81, bytes((4, 0)))),
    0x90: (_ONE, _store_or_load("dense", 1)),
    0x92: (_NONE, lambda _, __: bytes((1, DEGREES))),  # 0 in front would be below zero
    0x94: (_NONE, lambda settings, _: bytes(settings.power_dbm)),
}
COMMANDS_18 = frozenset(
    (0x21, 0x22, 0x24, 0x25, 0x28, 0x2F, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x3B)
)
