"""The memory in which newer UHFReaders collect tags (command 18) until a host fetches them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.modules.uhfreader18.frames import Reply, Status
from simulator.modules.uhfreader18.inventory import LONGEST_LIST, Seen

SET_LENGTH, READ, CLEAR, COUNT = 0x70, 0x72, 0x73, 0x74
BUFFER_COMMANDS = frozenset((SET_LENGTH, READ, CLEAR, COUNT))
LIMITS = {0: (16, 528), 1: (62, 160)}  # bytes kept of an EPC, tags kept


@dataclass
class _Kept:
    ports: int
    data: bytes
    rssi: int
    count: int


class TagBuffer:
    """Tags by EPC (or TID), with the antennas that read them and how often."""

    def __init__(self) -> None:
        self._kept: dict[bytes, _Kept] = {}
        self._length = 0

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        """Forget all tags."""
        self._kept.clear()

    def resize(self, length: int) -> None:
        """Keep up to 16 bytes of a tag (0) or 62 of fewer tags (1); forgets those there are."""
        self._length = length
        self.clear()

    def add(self, seen: Seen) -> bool:
        """Keep a tag; False where there is no room for another."""
        longest, tags = LIMITS[self._length]
        data = seen.data[:longest]
        kept = self._kept.get(data)
        if kept is None:
            if len(self._kept) >= tags:
                return False
            kept = self._kept[data] = _Kept(0, data, 0, 0)
        kept.ports |= 1 << seen.port - 1
        kept.rssi = seen.rssi
        kept.count = min(0xFF, kept.count + 1)
        return True

    def frames(self, address: int) -> Iterator[Reply]:
        """Give all tags: antennas, length, EPC, RSSI and count of each, in as many frames as it
        takes. The tags stay."""
        entries = [
            bytes((kept.ports & 0xFF, len(kept.data))) + kept.data + bytes((kept.rssi, kept.count))
            for kept in self._kept.values()
        ]
        while True:
            size, taken = 0, 0
            while taken < len(entries) and size + len(entries[taken]) <= LONGEST_LIST - 6:
                size += len(entries[taken])
                taken += 1
            data = bytes((taken,)) + b"".join(entries[:taken])
            del entries[:taken]
            yield Reply(address, READ, Status.MORE if entries else Status.DONE, data)
            if not entries:
                return
