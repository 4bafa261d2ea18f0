"""What an A0 reader remembers, and the commands that only look at it or change it.

What a reset (70) does not lose is in flash: address, baud, power, spectrum, link profile, detector,
beeper, identifier, and FastTID where it was saved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.modules.a0.frames import BROADCAST, Code, CommandError, demand
from simulator.modules.a0.masks import Masks
from simulator.modules.a0.records import FAST_TID
from simulator.modules.a0.spectrum import FCC_WHOLE, Spectrum, parse_spectrum

BAUDS = {3: 38400, 4: 115200}
LINK_PROFILES = range(0xD0, 0xD4)  # FM0 40k, M4 250k, M4 300k, FM0 400k
TAG_FOCUS, JOHAR = 0x8C, 0x90  # settings of 8C beside FastTID; neither shows in a record
IDENTIFIER_BYTES = 12
MAX_MATCH_BYTES = 62
SUCCESS = bytes((Code.SUCCESS,))


@dataclass
class Settings:
    """The state of one reader. Powers are dBm for each port; ports count from 1."""

    ports: int = 4
    firmware: bytes = b"\x08\x02"
    old_firmware: bool = False
    min_dbm: int = 0
    max_dbm: int = 33
    only_region: int | None = None
    celsius: int = 35
    flash_writes_left: int | None = None

    address: int = 1
    baud: int = 115200
    powers: list[int] = field(default_factory=list)
    spectrum: Spectrum = FCC_WHOLE
    link_profile: int = 0xD1
    detector_db: int = 0
    beeper: int = 0
    drm: int = 0
    identifier: bytes = b"\xff" * IDENTIFIER_BYTES
    saved_fast_tid: int = 0

    fast_tid: int = 0
    temporary_dbm: int | None = None
    port: int = 1
    group: int = 0
    match: bytes | None = None
    masks: Masks = field(default_factory=Masks)
    outputs: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.powers = self.powers or [min(30, self.max_dbm)] * self.ports

    def power_dbm(self, port: int) -> int:
        """Return what the port is driven with."""
        return self.powers[port - 1] if self.temporary_dbm is None else self.temporary_dbm

    def reset(self) -> None:
        """Lose what is not in flash."""
        self.fast_tid, self.temporary_dbm = self.saved_fast_tid, None
        self.port, self.group, self.match = 1, 0, None
        self.masks = Masks()
        self.outputs.clear()

    def write_flash(self) -> None:
        """Note a write; raises `CommandError` 23 once the flash is worn out."""
        if self.flash_writes_left is not None:
            if self.flash_writes_left == 0:
                raise CommandError(Code.WRITE_FLASH)
            self.flash_writes_left -= 1


def answer_setting(settings: Settings, command: int, data: bytes) -> list[bytes]:
    """Carry out a command of `SETTINGS_COMMANDS`; return the data of each frame that answers it.

    Commands that only ask take any data, since some programs send a byte too many. Raises
    `CommandError`.
    """
    size, handler = SETTINGS_COMMANDS[command]
    demand(size is None or len(data) == size)
    answer = handler(settings, data)
    return answer if isinstance(answer, list) else [answer]


def _read_pins(settings: Settings, _: bytes) -> bytes:
    return b"\x00\x00"  # inputs 1 and 2: nothing is wired to them


def _write_pin(settings: Settings, data: bytes) -> bytes:
    pin, level = data
    demand(pin in (3, 4) and level <= 1)
    settings.outputs[pin] = level
    return SUCCESS


def _set_detector(settings: Settings, data: bytes) -> bytes:
    settings.write_flash()
    settings.detector_db = data[0]
    return SUCCESS


def _set_identifier(settings: Settings, data: bytes) -> bytes:
    settings.write_flash()
    settings.identifier = data
    return SUCCESS


def _set_link_profile(settings: Settings, data: bytes) -> bytes:
    demand(data[0] in LINK_PROFILES)
    settings.write_flash()
    settings.link_profile = data[0]
    return SUCCESS


def _set_group(settings: Settings, data: bytes) -> bytes:
    demand(data[0] == 0)  # the second group of eight ports is on boards of sixteen
    settings.group = data[0]
    return SUCCESS


def _set_address(settings: Settings, data: bytes) -> bytes:
    demand(data[0] != BROADCAST, Code.ADDRESS)
    settings.write_flash()
    settings.address = data[0]
    return SUCCESS


def _set_port(settings: Settings, data: bytes) -> bytes:
    demand(data[0] < settings.ports, Code.ANTENNA_ID)
    settings.port = data[0] + 1
    return SUCCESS


def _set_power(settings: Settings, data: bytes) -> bytes:
    """Programs made for four ports send four values to boards of one and of eight, too."""
    demand(len(data) in (1, 4, settings.ports))
    _demand_power(settings, data)
    settings.write_flash()
    settings.temporary_dbm = None
    given = data * settings.ports if len(data) == 1 else data[: settings.ports]
    settings.powers[: len(given)] = given
    return SUCCESS


def _set_temporary_power(settings: Settings, data: bytes) -> bytes:
    _demand_power(settings, data)
    settings.temporary_dbm = data[0]
    return SUCCESS


def _demand_power(settings: Settings, powers: bytes) -> None:
    good = all(settings.min_dbm <= dbm <= settings.max_dbm for dbm in powers)
    demand(good, Code.POWER)


def _get_power(settings: Settings, _: bytes) -> bytes:
    powers = bytes(settings.power_dbm(port) for port in range(1, settings.ports + 1))
    return powers[:1] if len(set(powers)) == 1 else powers


def _get_each_power(settings: Settings, _: bytes) -> bytes:
    return bytes(settings.power_dbm(port) for port in range(1, settings.ports + 1))


def _set_spectrum(settings: Settings, data: bytes) -> bytes:
    spectrum = parse_spectrum(data, only=settings.only_region)
    settings.write_flash()
    settings.spectrum = spectrum
    return SUCCESS


def _set_beeper(settings: Settings, data: bytes) -> bytes:
    demand(data[0] <= 2, Code.BEEPER)
    settings.write_flash()
    settings.beeper = data[0]
    return SUCCESS


def _temperature(settings: Settings, _: bytes) -> bytes:
    """Sign 01 is plus, against the manual: two public programs found it so."""
    return bytes((settings.celsius >= 0, abs(settings.celsius)))


def _set_drm(settings: Settings, data: bytes) -> bytes:
    demand(data[0] <= 1, Code.DRM)
    settings.drm = data[0]
    return SUCCESS


def _set_match(settings: Settings, data: bytes) -> bytes:
    demand(len(data) >= 1)
    demand(data[0] <= 1, Code.MATCH_MODE)
    if data[0] == 1:  # cleared; some programs send an EPC all the same
        settings.match = None
        return SUCCESS
    demand(len(data) >= 2)
    demand(data[1] <= MAX_MATCH_BYTES, Code.MATCH_TOO_LONG)
    demand(len(data) == 2 + data[1], Code.MATCH_LENGTH)
    settings.match = data[2:]
    return SUCCESS


def _get_match(settings: Settings, _: bytes) -> bytes:
    if settings.match is None:
        return b"\x01"
    return bytes((0, len(settings.match))) + settings.match


def _set_fast_tid(settings: Settings, data: bytes) -> bytes:
    demand(data[0] in (0, TAG_FOCUS, FAST_TID, JOHAR))
    settings.fast_tid = data[0]
    return SUCCESS


def _save_fast_tid(settings: Settings, data: bytes) -> bytes:
    answer = _set_fast_tid(settings, data)
    settings.write_flash()
    settings.saved_fast_tid = data[0]
    return answer


def _masks(settings: Settings, data: bytes) -> list[bytes]:
    if settings.old_firmware:
        raise CommandError(Code.FAIL)
    return settings.masks.command(data)


SETTINGS_COMMANDS: dict[
    int, tuple[int | None, Callable[[Settings, bytes], bytes | list[bytes]]]
] = {
    # command: (number of data bytes, None where any will do; handler)
    0x60: (None, _read_pins),
    0x61: (2, _write_pin),
    0x62: (1, _set_detector),
    0x63: (None, lambda settings, _: bytes((settings.detector_db,))),
    0x66: (1, _set_temporary_power),
    0x67: (IDENTIFIER_BYTES, _set_identifier),
    0x68: (None, lambda settings, _: settings.identifier),
    0x69: (1, _set_link_profile),
    0x6A: (None, lambda settings, _: bytes((settings.link_profile,))),
    0x6C: (1, _set_group),
    0x6D: (None, lambda settings, _: bytes((settings.group,))),
    0x72: (None, lambda settings, _: settings.firmware),
    0x73: (1, _set_address),
    0x74: (1, _set_port),
    0x75: (None, lambda settings, _: bytes((settings.port - 1,))),
    0x76: (None, _set_power),
    0x77: (None, _get_power),
    0x78: (None, _set_spectrum),
    0x79: (None, lambda settings, _: settings.spectrum.data),
    0x7A: (1, _set_beeper),
    0x7B: (None, _temperature),
    0x7C: (1, _set_drm),
    0x7D: (None, lambda settings, _: bytes((settings.drm,))),
    0x85: (None, _set_match),
    0x86: (None, _get_match),
    0x8C: (1, _set_fast_tid),
    0x8D: (1, _save_fast_tid),
    0x8E: (None, lambda settings, _: bytes((settings.fast_tid,))),
    0x97: (None, _get_each_power),
    0x98: (None, _masks),
}
