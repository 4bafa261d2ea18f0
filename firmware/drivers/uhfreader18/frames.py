"""Frames of the UHFReader18 family: building commands, and the parser of replies.

Command LEN ADR CMD data CRC, reply LEN ADR CMD STATUS data CRC; LEN counts what follows it, the
CRC (MCRF4XX: polynomial 1021 reflected, start FFFF, low byte first) covers all before it. There
is no head byte: any byte of 5 and more can begin a frame, so the parser also looks at whose reply
it is and to which command before it waits for the rest.
"""

from array import array

from drivers.framing import FrameParser

ANYBODY = 0xFF  # the address that every reader takes for its own; none answers as it

# What a reply can be to: the commands of the UHFReader18 and UHFReader288 manuals, 00 where the
# module did not understand, EE of a module that reads by itself.
_COMMANDS = (
    b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x12\x15\x16\x18\x19"
    b"\x1a\x1b\x21\x22\x24\x25\x28\x2f\x30\x33\x34\x35\x36\x37\x38\x3a\x3b\x3f\x40\x45\x46\x47"
    b"\x4c\x50\x51\x52\x53\x54\x55\x66\x6b\x6e\x70\x71\x72\x73\x74\x75\x76\x77\x78\x79\x7a\x7f"
    b"\x90\x91\x92\x93\x94\xee"
)
_KNOWN = bytes(1 if command in _COMMANDS else 0 for command in range(256))

_SHORTEST = 5  # LEN of a reply without data
_MAX_FRAME = 256


def _table():
    table = array("H", (0 for _ in range(256)))
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
        table[byte] = crc
    return table


_TABLE = _table()


def crc_of(buf, start, length):
    """The CRC of `buf[start:start + length]`; allocates nothing."""
    crc = 0xFFFF
    table = _TABLE
    for at in range(start, start + length):
        crc = crc >> 8 ^ table[(crc ^ buf[at]) & 0xFF]
    return crc


def build(address, command, data=b""):
    """A command frame as bytes."""
    frame = bytes([len(data) + 4, address, command]) + data
    crc = crc_of(frame, 0, len(frame))
    return frame + bytes([crc & 0xFF, crc >> 8])


class UhfReader18Parser(FrameParser):
    """Replies; `handler.frame(command, status, start, length)` gets each.

    Its data is `parser.buf[start:start + length]` during that call, `parser.sender` the address
    of the module. Replies of modules other than `listen_to` named are not taken for frames.
    """

    def __init__(self, handler):
        super().__init__(_MAX_FRAME)
        self.sender = ANYBODY
        self._handler = handler
        self._address = ANYBODY

    def listen_to(self, address):
        """Take only this module's replies; `ANYBODY` takes all."""
        self._address = address

    def _measure(self, start, have):
        buf = self.buf
        length = buf[start]
        if length < _SHORTEST:
            return -1
        if have > 1:
            sender = buf[start + 1]
            if sender == ANYBODY:
                return -1
            if self._address != ANYBODY and self._address != sender:
                return -1
            if have > 2 and not _KNOWN[buf[start + 2]]:
                return -1
        return length + 1

    def _take(self, start, total):
        buf = self.buf
        crc = buf[start + total - 2] | buf[start + total - 1] << 8
        if crc_of(buf, start, total - 2) != crc:
            return False
        self.sender = buf[start + 1]
        self._handler.frame(buf[start + 2], buf[start + 3], start + 4, total - 6)
        return True
