"""Reads the one tag that lies at a desk, the school's or not. Of several only their number is told.

Loaded when it is asked for: a desk alone does this.
"""

from drivers.errors import TagFault
from drivers.reader import Radio, by_epc

_LOOKS, _LOOK_MS = 3, 200  # a tag on the desk answers some ten times in each
_MOST = 9  # tags that are counted
_READ_TRIES = 3  # a tag at the edge of the field misses one command in ten


class Lone:
    """A tap on the intake: which tags answer at these antennas."""

    def __init__(self, antennas):
        self._antennas = antennas
        self.epcs = []

    def take(self, buf, start, length, antenna, rssi_tenths, at_ms):
        epc = bytes(buf[start : start + length])
        if antenna in self._antennas and epc not in self.epcs and len(self.epcs) < _MOST:
            self.epcs.append(epc)


def open_to_all(radio):
    """The same settings, but every tag may answer."""
    return Radio(radio.region, radio.power_dbm, radio.session, (), desk=radio.desk)


async def read_lone_tag(reader, intake, antennas):
    """(EPC, TID) of the tag at these antennas of a reader that is open to all; else how many."""
    if intake.tap is not None:
        raise ValueError("another sweep is under way")
    lone = intake.tap = intake.foreign_tap = Lone(antennas)
    try:
        for _ in range(_LOOKS):
            await reader.stream(_LOOK_MS)
    finally:
        intake.tap = intake.foreign_tap = None
    if len(lone.epcs) != 1:
        return len(lone.epcs)
    return lone.epcs[0], await _tid(reader, by_epc(lone.epcs[0]))


async def _tid(reader, mask):
    for _ in range(_READ_TRIES - 1):
        try:
            return await reader.read_tid(mask)
        except TagFault:
            pass  # once more
    return await reader.read_tid(mask)
