"""The UHFReader frame: LEN ADR CMD DATA CRC, and its answer LEN ADR CMD STATUS DATA CRC.

LEN counts what follows it. The CRC is X.25's without its final complement (polynomial 8408
reflected, preset FFFF), low byte first. There is no start byte and nothing is escaped: only LEN
and a pause on the line tell frames apart. Source: UHFReader18 User's Manual V2.0, UHFReader288MP
and UR series User Manual V1.14.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

BROADCAST = 0xFF  # address that every reader listens to
SHORTEST = 4  # LEN of a command without data
RSSI_OFFSET = 130


class Status(IntEnum):
    """What an answer says of its command; the inventory's own first."""

    OK = 0x00
    DONE = 0x01
    TIME_OVER = 0x02
    MORE = 0x03
    MEMORY_FULL = 0x04
    PASSWORD = 0x05
    KILL_FAILED = 0x09
    KILL_PASSWORD_ZERO = 0x0A
    NOT_SUPPORTED_BY_TAG = 0x0B
    ACCESS_PASSWORD_ZERO = 0x0C
    TAG_IS_PROTECTED = 0x0D
    TAG_IS_UNPROTECTED = 0x0E
    NO_EAS_OR_PASSWORD_ZERO = 0x19
    STATISTICS = 0x26
    HEARTBEAT = 0x28
    ANTENNA = 0xF8
    NOT_EXECUTED = 0xF9
    POOR_LINK = 0xFA
    NO_TAG = 0xFB
    TAG_ERROR = 0xFC  # one byte follows: the tag's own error code
    LENGTH = 0xFD
    ILLEGAL = 0xFE
    PARAMETER = 0xFF


class CommandError(Exception):
    """The command is answered with this status and nothing done."""

    def __init__(self, status: Status, data: bytes = b"") -> None:
        super().__init__(f"status {status:02X}")
        self.status = status
        self.data = data


def demand(good: bool, status: Status = Status.PARAMETER) -> None:
    """Raise `CommandError` unless the command is as it should be."""
    if not good:
        raise CommandError(status)


@dataclass(frozen=True, slots=True)
class Command:
    """A host's frame; `intact` is False where its CRC does not hold."""

    address: int
    command: int
    data: bytes = b""
    intact: bool = True

    def encode(self) -> bytes:
        """Return the frame's bytes on the wire."""
        return _closed(bytes((self.address, self.command)) + self.data)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reader's frame."""

    address: int
    command: int
    status: int
    data: bytes = b""

    def encode(self) -> bytes:
        """Return the frame's bytes on the wire."""
        return _closed(bytes((self.address, self.command, self.status)) + self.data)


class CommandParser:
    """Cuts a host's bytes into commands as the reader does.

    A byte that cannot be a LEN is skipped. A frame whose CRC fails is dropped whole and given out
    as not intact. What stays incomplete is dropped by `clear`, which the owner calls after a
    pause; but an intact frame with which the bytes end is taken, whatever stands before it, so
    that noise costs a host no more than a reader's own short pauses would.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Command]:
        """Take bytes as they come; return the commands that are now whole."""
        buffer = self._buffer
        buffer += data
        commands = []
        while buffer:
            size = buffer[0] + 1
            if buffer[0] < SHORTEST:
                del buffer[:1]
            elif len(buffer) >= size and crc(buffer[:size]) == 0:
                commands.append(self._take(0, size))
            elif (start := self._last_frame()) is not None and start < size:
                commands.append(self._take(start, len(buffer) - start))
            elif len(buffer) < size:
                break
            else:
                commands.append(self._take(0, size))
        return commands

    def clear(self) -> None:
        """Forget a frame that is only half received."""
        self._buffer.clear()

    def _last_frame(self) -> int | None:
        """Return where an intact frame begins that ends with the buffer."""
        buffer = self._buffer
        for start in range(1, len(buffer) - SHORTEST):
            if buffer[start] == len(buffer) - start - 1 and crc(buffer[start:]) == 0:
                return start
        return None

    def _take(self, start: int, size: int) -> Command:
        frame = bytes(self._buffer[start : start + size])
        del self._buffer[: start + size]
        return Command(frame[1], frame[2], frame[3:-2], crc(frame) == 0)


def read_replies(stream: bytes) -> list[Reply]:
    """Cut a reader's unbroken bytes into its frames; raises ValueError where one is damaged."""
    replies = []
    while stream:
        frame, stream = stream[: stream[0] + 1], stream[stream[0] + 1 :]
        if len(frame) < SHORTEST + 2 or len(frame) != frame[0] + 1 or crc(frame):
            raise ValueError(f"no whole frame: {frame.hex()}")
        replies.append(Reply(frame[1], frame[2], frame[3], frame[4:-2]))
    return replies


def rssi_byte(rssi_dbm: float) -> int:
    """Return the RSSI byte that follows an EPC: dBm + 130.

    The manuals say only "signal strength". Public programs that show dBm subtract 130 (a Web
    Serial page for these readers' EE records: `rssi - 130`), which fits the recorded frames: 6B
    is -23 dBm for a tag at the antenna, 40 is -66 dBm.
    """
    return max(0, min(0xFF, round(rssi_dbm) + RSSI_OFFSET))


def crc(data: bytes | bytearray) -> int:
    """Return the CRC; 0 over a whole frame that is intact."""
    value = 0xFFFF
    for byte in data:
        value = value >> 8 ^ _CRC_TABLE[(value ^ byte) & 0xFF]
    return value


def _closed(body: bytes) -> bytes:
    frame = bytes((len(body) + 2,)) + body
    return frame + crc(frame).to_bytes(2, "little")


def _crc_entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ 0x8408 if byte & 1 else byte >> 1
    return byte


_CRC_TABLE = tuple(_crc_entry(byte) for byte in range(256))
