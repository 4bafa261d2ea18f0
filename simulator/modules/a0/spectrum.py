"""The channels of an A0 reader: its regions, a spectrum of one's own, and their index in records.

Index 0..6 is 865.0 + 0.5 i MHz, 7..59 is 902.0 + 0.5 (i - 7) MHz; in a spectrum of one's own it
counts from that one's start. Source: frequency table of the serial interface protocol.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.modules.a0.frames import Code, demand

FCC, ETSI, CHN, USER = 1, 2, 3, 4
INDEXES = {FCC: range(7, 60), ETSI: range(7), CHN: range(43, 54)}  # 902-928, 865-868, 920-925 MHz
INDEX_COUNT = 60
MAX_CHANNELS = 64  # a record has 6 bits for the index
USER_KHZ = range(840_000, 960_001)  # what the R2000's synthesizer and front end reach
STEP_KHZ = 10  # unit of the channel spacing


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The channels in use, from the fields of command 78: `region`, and the rest as sent."""

    region: int
    fields: bytes

    @property
    def data(self) -> bytes:
        """Return the fields as command 79 answers them."""
        return bytes((self.region,)) + self.fields

    def frequencies(self) -> list[float]:
        """Return the channels' centres in MHz, in the order of their indexes."""
        if self.region == USER:
            step, count, start = self.fields[0], self.fields[1], _khz(self.fields)
            return [(start + place * step * STEP_KHZ) / 1000 for place in range(count)]
        return [mhz_of(index) for index in range(self.fields[0], self.fields[1] + 1)]

    def index_of(self, mhz: float) -> int:
        """Return the index that a record made on this channel carries."""
        if self.region == USER:
            return self.frequencies().index(mhz)
        return round((mhz - 865) * 2) if mhz < 900 else round((mhz - 902) * 2) + 7


FCC_WHOLE = Spectrum(FCC, bytes((7, 59)))
ETSI_WHOLE = Spectrum(ETSI, bytes((0, 6)))


def mhz_of(index: int) -> float:
    """Return the frequency that the table has at the index."""
    return 865 + index / 2 if index < 7 else 902 + (index - 7) / 2


def parse_spectrum(data: bytes, *, only: int | None = None) -> Spectrum:
    """Understand the data of command 78; `only` is the one region that the board may use.

    Raises `CommandError` 49 for a region there is not, 4F for channels outside of it, 56 for a
    spectrum that the board's region does not hold, 41 for a wrong length.
    """
    demand(len(data) >= 1)
    region, fields = data[0], data[1:]
    demand(region in INDEXES or region == USER, Code.REGION)
    if region == USER:
        demand(len(fields) == 5)
        step, count, start = fields[0], fields[1], _khz(fields)
        demand(1 <= count <= MAX_CHANNELS, Code.FREQUENCY_RANGE)
        end = start + (count - 1) * step * STEP_KHZ
        demand(start in USER_KHZ and end in USER_KHZ, Code.FREQUENCY_RANGE)
        if only is not None:
            allowed = INDEXES[only]
            lowest, highest = mhz_of(allowed[0]) * 1000, mhz_of(allowed[-1]) * 1000
            demand(lowest <= start and end <= highest, Code.SPECTRUM)
        return Spectrum(region, fields)
    demand(len(fields) == 2)
    demand(only in (None, region), Code.REGION)
    first, last = fields
    indexes = INDEXES[region]
    demand(first in indexes and last in indexes and first <= last, Code.FREQUENCY_RANGE)
    return Spectrum(region, fields)


def _khz(fields: bytes) -> int:
    return int.from_bytes(fields[2:5], "big")
