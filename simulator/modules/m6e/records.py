"""The M6e's tag records, and the buffer in which a search collects them.

A record is the metadata fields asked for, lowest flag first, then EPC length in bits, PC, EPC and
the tag's own CRC. Source: Mercury API and captured buffers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.modules.m6e.frames import MAX_REPLY_DATA
from simulator.modules.m6e.settings import GEN2
from simulator.modules.tag import crc16

DATA = 0x0080
CAPACITY = 1024  # records; then a search ends with status 0601
REWIND = 0x01  # option of "get tag buffer": begin again
# Options that decide whether two reads are of one record; 0 keeps them apart.
_BY_ANTENNA, _BY_DATA, _HIGHEST_RSSI, _READ_FILTER = 0x00, 0x08, 0x06, 0x0C


@dataclass(frozen=True, slots=True)
class Sighting:
    """One tag as a search saw it; `timestamp_ms` counts from the search's begin."""

    pc_epc: bytes
    rssi_dbm: int
    tx: int
    rx: int
    khz: int
    timestamp_ms: int
    phase: int
    q: int = 0
    link: int = 0
    target_b: bool = False
    data: bytes = b""
    count: int = 1


def metadata_fields(sighting: Sighting, flags: int) -> bytes:
    """Return the fields that the flags ask for."""
    data = sighting.data
    fields = (
        bytes((min(255, sighting.count),)),
        bytes((max(-128, min(127, sighting.rssi_dbm)) & 0xFF,)),
        bytes(((sighting.tx & 15) << 4 | sighting.rx & 15,)),  # port 16 is 0
        sighting.khz.to_bytes(3, "big"),
        (sighting.timestamp_ms & 0xFFFFFFFF).to_bytes(4, "big"),
        sighting.phase.to_bytes(2, "big"),
        bytes((GEN2,)),
        (len(data) * 8).to_bytes(2, "big") + data,
        b"\x00",  # GPIO: bit 2 would make hosts add 16 to the antenna
        bytes((sighting.q,)),
        bytes((sighting.link,)),
        bytes((sighting.target_b,)),
    )
    return b"".join(field for bit, field in enumerate(fields) if flags >> bit & 1)


def record(sighting: Sighting, flags: int, *, silion: bool = False) -> bytes:
    """Return the record; Silion gives the EPC's length in one byte, and in bytes."""
    answer = sighting.pc_epc + crc16(sighting.pc_epc).to_bytes(2, "big")
    length = bytes((len(answer),)) if silion else (len(answer) * 8).to_bytes(2, "big")
    return metadata_fields(sighting, flags) + length + answer


class TagBuffer:
    """What searches have found and the host has not fetched or cleared."""

    def __init__(self) -> None:
        self._records: list[Sighting] = []
        self._place_of: dict[tuple[object, ...], int] = {}
        self._next = 0
        self._seen: set[int] = set()  # records with a read since the search began

    def __len__(self) -> int:
        return len(self._records)

    @property
    def indexes(self) -> tuple[int, int]:
        """Return where the host reads next and where the module writes next."""
        return self._next, len(self._records)

    @property
    def full(self) -> bool:
        """Tell whether a search must stop for want of room."""
        return len(self._records) >= CAPACITY

    def clear(self) -> None:
        """Forget all records."""
        self._records.clear()
        self._place_of.clear()
        self._next = 0

    def begin(self) -> None:
        """Make room for a new search once everything was fetched."""
        self._seen.clear()
        if self._next >= len(self._records):
            self.clear()

    def add(self, sighting: Sighting, options: dict[int, bytes]) -> bool:
        """Take a read; return whether it is the search's first of its record."""
        key: tuple[object, ...] = (sighting.pc_epc,)
        if options[_BY_ANTENNA] == b"\0":
            key += (sighting.tx,)
        if options[_BY_DATA] == b"\0":
            key += (sighting.data,)
        place = self._place_of.get(key) if options[_READ_FILTER] != b"\0" else None
        if place is None:
            place = self._place_of[key] = len(self._records)
            self._records.append(sighting)
            self._seen.add(place)
            return True
        known = self._records[place]
        keeps = options[_HIGHEST_RSSI] != b"\0" and known.rssi_dbm >= sighting.rssi_dbm
        shown = known if keeps else sighting
        self._records[place] = replace(shown, count=known.count + 1, data=sighting.data)
        is_first = place not in self._seen
        self._seen.add(place)
        return is_first

    def fetch(self, flags: int, option: int) -> bytes:
        """Return the reply's data with as many records as one frame takes, and move on."""
        if option & REWIND:
            self._next = 0
        head = flags.to_bytes(2, "big") + bytes((option,))
        body, count = b"", 0
        while self._next < len(self._records) and count < 255:
            more = record(self._records[self._next], flags)
            if len(head) + 1 + len(body) + len(more) > MAX_REPLY_DATA:
                break
            body += more
            count += 1
            self._next += 1
        return head + bytes((count,)) + body
