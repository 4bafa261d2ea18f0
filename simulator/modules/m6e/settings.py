"""What a module of the M6e family remembers between commands.

Defaults are what an M6e Nano with firmware 1.7.1.2 answered after power-up, as captured.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.modules.m6e.frames import Refused, Status
from simulator.modules.m6e.models import NO_REGION, Model

GEN2 = 5
APPLICATION, BOOT_LOADER = 2, 1  # low bits of the answer to "current program"
FULL_POWER, SLEEP = 0, 4  # power modes


@dataclass(frozen=True, slots=True)
class Region:
    """Channels of a region in kHz: `first` + index * `step`."""

    first: int
    step: int
    channels: int

    def table(self) -> list[int]:
        """Return the centre frequencies."""
        return [self.first + index * self.step for index in range(self.channels)]


REGIONS = {
    0x01: Region(902_750, 500, 50),  # NA
    0x02: Region(865_700, 600, 4),  # EU
    0x03: Region(910_100, 200, 20),  # KR
    0x04: Region(865_700, 600, 3),  # IN
    0x05: Region(916_800, 1200, 4),  # JP
    0x06: Region(920_625, 250, 16),  # PRC
    0x07: Region(865_100, 200, 15),  # EU2
    0x08: Region(865_700, 600, 4),  # EU3
    0x09: Region(917_300, 600, 6),  # KR2
    0x0A: Region(840_625, 250, 16),  # PRC2
    0x0B: Region(920_750, 500, 10),  # AU
    0x0C: Region(922_250, 500, 10),  # NZ
    0x0D: Region(917_400, 200, 50),  # NA2: the captured reads hop on its 200 kHz raster
    0x0E: Region(917_500, 500, 21),  # NA3
    0x0F: Region(915_700, 200, 6),  # IS
    0xFF: Region(902_250, 500, 52),  # open
}


@dataclass(frozen=True, slots=True)
class PortPower:
    """What 91 03 and 91 04 set for one antenna port; power 0 means the module's own setting."""

    read: int = 0
    write: int = 0
    settling_us: int = 0


def _first_options() -> dict[int, bytes]:
    off = dict.fromkeys((0x00, 0x01, 0x03, 0x04, 0x05, 0x06, 0x0B, 0x0E, 0x1E), b"\x00")
    on = dict.fromkeys((0x02, 0x08, 0x09, 0x0C, 0x1B), b"\x01")
    return off | on | {0x0D: bytes(4), 0x12: bytes(2)}


def _first_gen2() -> dict[int, bytes]:
    return {
        0x00: b"\x00",  # session
        0x01: b"\x01\x00",  # target A
        0x02: b"\x02",  # Miller 4
        0x10: b"\x00",  # backscatter link frequency 250 kHz
        0x11: b"\x00",  # Tari 25 us
        0x12: b"\x00",  # Q dynamic
        0x13: bytes.fromhex("01 0003 00000bb8 00004e20"),  # battery-assisted tags
        0x14: b"\x00",  # protocol extension
        0x15: bytes(4),  # T4
        0x16: b"\x00\x00",  # initial Q
        0x17: b"\x00",  # send Select
        0x18: b"\x00\xf4",  # RF mode
        0x3F: bytes.fromhex("00 4e20"),  # write: leave early, wait 20 ms for the reply
    }


@dataclass
class Settings:
    """The state of one module between commands. Powers are in 0.01 dBm, times in ms."""

    model: Model
    program: int = APPLICATION
    region: int = NO_REGION
    read_power: int = 2300
    write_power: int = 2300
    port_powers: dict[int, PortPower] = field(default_factory=dict)
    access_port: tuple[int, int] = (1, 1)
    search_ports: list[tuple[int, int]] = field(default_factory=lambda: [(1, 1)])
    port_times: list[tuple[int, int]] = field(default_factory=list)
    protocol: int = GEN2
    power_mode: int = FULL_POWER
    user_mode: int = 0
    hop_table: list[int] = field(default_factory=list)
    hop_ms: int = 0
    test_khz: int = 0
    carrier: bool = False
    options: dict[int, bytes] = field(default_factory=_first_options)
    gen2: dict[int, bytes] = field(default_factory=_first_gen2)
    outputs: set[int] = field(default_factory=set)  # GPIO pins that drive
    levels: dict[int, int] = field(default_factory=lambda: {1: 0, 2: 0, 3: 0, 4: 1})

    def __post_init__(self) -> None:
        self.options[0x13] = self.model.product_id.to_bytes(2, "big")
        if self.model.first_region != NO_REGION:
            self.set_region(self.model.first_region)

    def clear(self) -> None:
        """Go back to what power-up brings."""
        vars(self).update(vars(Settings(self.model)))

    def set_region(self, code: int) -> None:
        """Take a region with its channels; raises `Refused` for one this model has not."""
        if code not in self.model.regions:
            raise Refused(Status.BAD_REGION)
        self.region = code
        self.hop_table = REGIONS[code].table()
        self.hop_ms = 375

    def option(self, key: int) -> int:
        """Return a reader option as a number."""
        return int.from_bytes(self.options[key], "big")

    @property
    def session(self) -> int:
        """Return the Gen2 session, 0 to 3."""
        return self.gen2[0x00][0]

    @property
    def target_b(self) -> bool:
        """Tell whether a search begins with tags whose flag is B."""
        return bool(self.gen2[0x01][1])

    @property
    def both_targets(self) -> bool:
        """Tell whether a search turns to the other target when one is exhausted."""
        return not self.gen2[0x01][0]

    @property
    def static_q(self) -> int | None:
        """Return the Q a host has fixed, or None while the module chooses."""
        value = self.gen2[0x12]
        return value[1] if value[0] else None

    def power_dbm(self, port: int, *, write: bool = False) -> float:
        """Return the power at a port."""
        own = self.port_powers.get(port, PortPower())
        chosen = own.write if write else own.read
        return (chosen or (self.write_power if write else self.read_power)) / 100

    def frequencies(self) -> list[float]:
        """Return the channels in use, in MHz; raises `Refused` while no region is set."""
        if self.region == NO_REGION:
            raise Refused(Status.BAD_REGION)
        return [khz / 1000 for khz in self.hop_table]
