"""An A0 reader's buffer: the tags that 80 has found, each once, until they are cleared."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.modules.a0_frames import Code, CommandError
from simulator.modules.a0_records import Sighting, buffer_record
from simulator.modules.tag import Tag

GET, GET_AND_RESET, COUNT, RESET = 0x90, 0x91, 0x92, 0x93
BUFFER_COMMANDS = frozenset((GET, GET_AND_RESET, COUNT, RESET))
MAX_TAGS = 2000  # further tags are read and not kept


@dataclass
class _Kept:
    last: Sighting
    reads: int


class Buffer:
    """Tags by what they send, in the order in which they were first read.

    `reads` counts all reads since the reader has power, also those of tags that found no room.
    """

    def __init__(self) -> None:
        self.reads = 0
        self._kept: dict[bytes, _Kept] = {}

    @property
    def count(self) -> int:
        """Return how many tags it holds."""
        return len(self._kept)

    def store(self, sighting: Sighting, _: Tag) -> None:
        """Take a read in."""
        self.reads += 1
        kept = self._kept.get(sighting.pc_epc)
        if kept is not None:
            kept.last = sighting
            kept.reads += 1
        elif len(self._kept) < MAX_TAGS:
            self._kept[sighting.pc_epc] = _Kept(sighting, 1)

    def clear(self) -> None:
        """Forget all tags."""
        self._kept.clear()

    def command(self, command: int) -> list[bytes]:
        """Carry out 90-93; return the data of each frame that answers it.

        Raises `CommandError` 38 where tags are asked for and there are none.
        """
        if command == COUNT:
            return [self.count.to_bytes(2, "big")]
        if command == RESET:
            self.clear()
            return [bytes((Code.SUCCESS,))]
        if not self._kept:
            raise CommandError(Code.BUFFER_EMPTY)
        records = [buffer_record(one.last, self.count, one.reads) for one in self._kept.values()]
        if command == GET_AND_RESET:
            self.clear()
        return records
