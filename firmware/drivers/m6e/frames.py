"""Frames of the ThingMagic serial protocol (M6e, M7E, Silion): building commands, finding replies.

Host to module FF LEN OP data[LEN] CRC; module to host FF LEN OP status(2) data[LEN] CRC; big
endian. Nothing is escaped: FF occurs in data, and only a CRC that holds tells a frame from it.
The CRC goes over LEN to the last data byte. Source of the layout: Mercury API.
"""

from drivers.crc16 import TABLE
from drivers.framing import FrameParser

_HEAD = 0xFF
_AROUND = 7  # bytes of a reply around its data
_MAX_FRAME = 255
MAX_DATA = _MAX_FRAME - _AROUND


def build(op, data=b""):
    """A command frame as bytes."""
    frame = bytearray(len(data) + 5)
    frame[0] = _HEAD
    frame[1] = len(data)
    frame[2] = op
    frame[3 : 3 + len(data)] = data
    crc = frame_crc(frame, 1, len(data) + 2)
    frame[-2] = crc >> 8
    frame[-1] = crc & 0xFF
    return bytes(frame)


def frame_crc(buf, start, length):
    """The frame's CRC: each byte goes into the low end of the register (CCITT takes the high)."""
    crc = 0xFFFF
    table = TABLE
    for at in range(start, start + length):
        crc = ((crc << 8) & 0xFF00 | buf[at]) ^ table[crc >> 8]
    return crc


class M6eParser(FrameParser):
    """Gives `handler.frame(op, status, start, length)` each reply or report of the module.

    Its data are `parser.buf[start:start + length]` during that call.
    """

    def __init__(self, handler):
        super().__init__(_MAX_FRAME)
        self._handler = handler

    def _measure(self, start, have):
        buf = self.buf
        if buf[start] != _HEAD:
            return -1
        if have < 2:
            return 0
        length = buf[start + 1]
        return length + _AROUND if length <= MAX_DATA else -1

    def _take(self, start, total):
        buf = self.buf
        crc = buf[start + total - 2] << 8 | buf[start + total - 1]
        if frame_crc(buf, start + 1, total - 3) != crc:
            return False
        status = buf[start + 3] << 8 | buf[start + 4]
        self._handler.frame(buf[start + 2], status, start + 5, total - _AROUND)
        return True
