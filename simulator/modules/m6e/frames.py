"""The M6e family's frames: FF LEN OP data CRC from the host, with a status word from the module.

LEN counts the data alone. Nothing is escaped, so FF occurs inside data; the CRC runs over LEN to
the last data byte. Source: Mercury API, and captures from an M6e Nano.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from enum import IntEnum

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


class CommandParser:
    """Cuts what a host sends into commands, whatever garbage stands between them.

    Runs of FF, which wake a sleeping module, are no frames: LEN is never FF. A frame whose CRC is
    wrong is skipped by one byte only, so the command behind a false head is found. What stays
    incomplete blocks what follows until `give_up`.
    """

    OVERHEAD = COMMAND_OVERHEAD
    MAX_DATA = MAX_COMMAND_DATA

    def __init__(self) -> None:
        self.bad_checksums = 0
        self._buffer = bytearray()

    @property
    def waiting(self) -> bool:
        """Tell whether an incomplete frame stands in the buffer."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Command]:
        """Take bytes as they come; return the commands that are now whole."""
        return [Command(frame[2], frame[3:-2]) for frame in self._cut(data)]

    def give_up(self) -> list[Command]:
        """Stop waiting for the rest of an incomplete frame; return what stood behind its head."""
        commands = []
        while self._buffer:
            del self._buffer[0]
            commands += self.feed(b"")
        return commands

    def clear(self) -> None:
        """Forget all that was received."""
        self._buffer.clear()

    def _cut(self, data: bytes) -> list[bytes]:
        buffer = self._buffer
        buffer += data
        frames = []
        while buffer:
            start = buffer.find(HEAD)
            if start:
                del buffer[: len(buffer) if start < 0 else start]
                continue
            if len(buffer) < 2:
                break
            size = buffer[1] + self.OVERHEAD
            if buffer[1] > self.MAX_DATA:
                del buffer[0]
            elif len(buffer) < size:
                break
            elif crc(bytes(buffer[1 : size - 2])) != int.from_bytes(buffer[size - 2 : size], "big"):
                self.bad_checksums += 1
                del buffer[0]
            else:
                frames.append(bytes(buffer[:size]))
                del buffer[:size]
        return frames


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
