"""The M6e family's frames: FF LEN OP data CRC from the host, with a status word from the module.

LEN counts the data alone. Nothing is escaped, so FF occurs inside data; the CRC runs over LEN to
the last data byte. Source: Mercury API, and captures from an M6e Nano.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from enum import IntEnum

from simulator.modules.framing import FrameCutter

HEAD = 0xFF
MAX_COMMAND_DATA = 250  # a command is 255 bytes with head, LEN, OP and CRC
MAX_REPLY_DATA = 248
COMMAND_OVERHEAD, REPLY_OVERHEAD = 5, 7


class Status(IntEnum):
    """The status word of a reply."""

    OK = 0x0000
    DATA_LENGTH = 0x0100
    BAD_OPCODE = 0x0101
    UNIMPLEMENTED = 0x0102
    POWER_TOO_HIGH = 0x0103
    BAD_FREQUENCY = 0x0104
    BAD_PARAMETER = 0x0105
    POWER_TOO_LOW = 0x0106
    BAD_BAUD = 0x010A
    BAD_REGION = 0x010B
    NO_TAGS = 0x0400
    BAD_PROTOCOL = 0x0402
    NO_DATA_READ = 0x0404
    WRITE_FAILED = 0x0406
    TAG_ERROR = 0x040A
    KILL_PASSWORD = 0x040C
    KILL_FAILED = 0x040E
    GEN2 = 0x0420  # plus the tag's own error code
    TRANSMITTER_ON = 0x0502
    NO_ANTENNA = 0x0503
    TOO_HOT = 0x0504
    RETURN_LOSS = 0x0505
    BUFFER_FULL = 0x0601


class Refused(Exception):
    """The command is answered by this status; a few say which parameter it was in `data`."""

    def __init__(self, status: int, data: bytes = b"") -> None:
        super().__init__(f"status {status:04X}")
        self.status = status
        self.data = data


@dataclass(frozen=True, slots=True)
class Command:
    """What a host asks, without its framing."""

    opcode: int
    data: bytes = b""

    def encode(self) -> bytes:
        """Return the bytes on the wire."""
        body = bytes((len(self.data), self.opcode)) + self.data
        return bytes((HEAD,)) + body + _crc_bytes(body)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the module says, without its framing: asked for, or by itself while it streams."""

    opcode: int
    status: int = Status.OK
    data: bytes = b""

    def encode(self, *, with_crc: bool = True) -> bytes:
        """Return the bytes on the wire; the host may have switched their CRC off."""
        body = bytes((len(self.data), self.opcode)) + self.status.to_bytes(2, "big") + self.data
        return bytes((HEAD,)) + body + (_crc_bytes(body) if with_crc else b"")


def crc(body: bytes) -> int:
    """Return the checksum over LEN to the last data byte (two bytes or more).

    Polynomial 1021, preset FFFF; each bit enters at the low end and the message is not extended by
    16 zero bits, so this is CCITT over all but the last two bytes, which are then added.
    """
    return binascii.crc_hqx(body[:-2], 0x1D0F) ^ int.from_bytes(body[-2:], "big")


class CommandParser(FrameCutter[Command]):
    """Cuts what a host sends into commands.

    Runs of FF, which wake a sleeping module, are no frames: LEN is never FF.
    """

    def _measure(self, buffer: bytearray) -> int:
        return measure(buffer, MAX_COMMAND_DATA, COMMAND_OVERHEAD)

    def _read(self, frame: bytes) -> Command | None:
        return Command(frame[2], frame[3:-2]) if is_intact(frame) else None


def measure(buffer: bytearray, most_data: int, overhead: int) -> int:
    """Return the length of the frame at the front; 0: one more byte tells; -1: there is none."""
    if buffer[0] != HEAD:
        return -1
    if len(buffer) < 2:
        return 0
    return buffer[1] + overhead if buffer[1] <= most_data else -1


def is_intact(frame: bytes) -> bool:
    """Tell whether the CRC of a whole frame is right."""
    return crc(frame[1:-2]) == int.from_bytes(frame[-2:], "big")


class Fields:
    """Takes fields off the front of a command's data; too few bytes are status 0100."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    @property
    def left(self) -> int:
        """How many bytes are not taken yet."""
        return len(self._data) - self._place

    def take(self, count: int) -> bytes:
        """Take so many bytes."""
        if count > self.left:
            raise Refused(Status.DATA_LENGTH)
        self._place += count
        return self._data[self._place - count : self._place]

    def number(self, size: int) -> int:
        """Take a number of so many bytes, high byte first."""
        return int.from_bytes(self.take(size), "big")

    def peek(self) -> int:
        """Return the next byte without taking it; -1 at the end."""
        return self._data[self._place] if self.left else -1

    def take_last(self, count: int) -> bytes:
        """Take so many bytes off the end."""
        if count > self.left:
            raise Refused(Status.DATA_LENGTH)
        last = self._data[len(self._data) - count :]
        self._data = self._data[: len(self._data) - count]
        return last

    def rest(self) -> bytes:
        """Take all that is left."""
        return self.take(self.left)

    def end(self) -> None:
        """Demand that nothing is left."""
        if self.left:
            raise Refused(Status.DATA_LENGTH)


def _crc_bytes(body: bytes) -> bytes:
    return crc(body).to_bytes(2, "big")
