"""An A0 reader's buffer: the tags that 80 has found, each once, until they are cleared."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.modules.a0.air import Job, Step
from simulator.modules.a0.frames import Code, CommandError
from simulator.modules.a0.records import Sighting, buffer_record
from simulator.modules.tag import Tag

GET, GET_AND_RESET, COUNT, RESET = 0x90, 0x91, 0x92, 0x93
LISTING_COMMANDS = frozenset((GET, GET_AND_RESET))
COUNT_COMMANDS = frozenset((COUNT, RESET))
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

    def command(self, command: int) -> bytes:
        """Carry out 92 or 93; return the data of the answer."""
        if command == COUNT:
            return self.count.to_bytes(2, "big")
        self.clear()
        return bytes((Code.SUCCESS,))

    def listing(self, command: int, at_s: float) -> Job:
        """Return the job that sends a frame for each tag, for 90 and 91, as the line takes them.

        Raises `CommandError` 38 where there are none.
        """
        if not self._kept:
            raise CommandError(Code.BUFFER_EMPTY)
        records = [buffer_record(one.last, self.count, one.reads) for one in self._kept.values()]
        if command == GET_AND_RESET:
            self.clear()
        return _send_all(records, at_s)


def _send_all(records: list[bytes], at_s: float) -> Job:
    for record in records:
        at_s = yield Step(at_s, record, needs_room=True)
