"""The A0 family's frame: A0 LEN ADR CMD data CHK, and the codes its replies carry.

LEN counts what follows it; CHK makes the sum of the whole frame 0 mod 256. A0 occurs freely inside
data, so only LEN and CHK tell a frame from what looks like one. Source: the UHF RFID reader serial
interface protocol of Invelion and Rodinbell boards, as their demo programs speak it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

HEAD = 0xA0
BROADCAST = 0xFF  # the address that every reader takes; replies carry the reader's own
OVERHEAD = 5  # bytes of a frame beside its data
MAX_DATA = 0xFF - 3


class Code(IntEnum):
    """The one byte of a reply that is only a code."""

    SUCCESS = 0x10
    FAIL = 0x11
    MCU_RESET = 0x20
    ANTENNA_MISSING = 0x22
    WRITE_FLASH = 0x23
    READ_FAILED = 0x32
    WRITE_FAILED = 0x33
    LOCK_FAILED = 0x34
    KILL_FAILED = 0x35
    NO_TAG = 0x36
    ACCESS_FAILED = 0x37
    BUFFER_EMPTY = 0x38
    PASSWORD = 0x40
    PARAMETER = 0x41
    WORD_COUNT = 0x42
    BANK = 0x43
    LOCK_REGION = 0x44
    LOCK_TYPE = 0x45
    ADDRESS = 0x46
    ANTENNA_ID = 0x47
    POWER = 0x48
    REGION = 0x49
    BAUD = 0x4A
    BEEPER = 0x4B
    MATCH_TOO_LONG = 0x4C
    MATCH_LENGTH = 0x4D
    MATCH_MODE = 0x4E
    FREQUENCY_RANGE = 0x4F
    DRM = 0x51
    POWER_NOT_REACHED = 0x54
    SPECTRUM = 0x56
    POWER_TOO_LOW = 0x57
    RETURN_LOSS_FAILED = 0xEE


class CommandError(Exception):
    """The command is answered by this code alone."""

    def __init__(self, code: Code) -> None:
        super().__init__(f"code {code:02X}, {code.name.lower()}")
        self.code = code


def demand(good: bool, code: Code = Code.PARAMETER) -> None:
    """Raise `CommandError` with the code unless all is good."""
    if not good:
        raise CommandError(code)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame without its framing."""

    address: int
    command: int
    data: bytes = b""

    def encode(self) -> bytes:
        """Return the frame's bytes on the wire."""
        head = bytes((HEAD, len(self.data) + 3, self.address, self.command)) + self.data
        return head + bytes((-sum(head) & 0xFF,))


class FrameParser:
    """Cuts a byte stream into frames, whatever garbage stands between them.

    What cannot be a frame is skipped from its A0 on by one byte at a time, so that a false head
    never swallows the frame behind it. A frame that stays incomplete blocks what follows it until
    `give_up` is called.
    """

    def __init__(self) -> None:
        self.bad_checksums = 0
        self.skipped_bytes = 0
        self._buffer = bytearray()

    @property
    def waiting(self) -> bool:
        """Tell whether an incomplete frame stands in the buffer."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """Take bytes as they come; return the frames that are now whole."""
        self._buffer += data
        frames = []
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def give_up(self) -> list[Frame]:
        """Stop waiting for the rest of an incomplete frame; return what stood behind its head."""
        frames = []
        while self._buffer:
            self._skip(1)
            frames += self.feed(b"")
        return frames

    def clear(self) -> None:
        """Forget all that was received."""
        self._buffer.clear()

    def _next(self) -> Frame | None:
        buffer = self._buffer
        while buffer:
            start = buffer.find(HEAD)
            if start != 0:
                self._skip(len(buffer) if start < 0 else start)
                continue
            if len(buffer) < 2:
                return None
            total = buffer[1] + 2
            if total < OVERHEAD:
                self._skip(1)
                continue
            if len(buffer) < total:
                return None
            if sum(buffer[:total]) & 0xFF:
                self.bad_checksums += 1
                self._skip(1)
                continue
            frame = Frame(buffer[2], buffer[3], bytes(buffer[4 : total - 1]))
            del buffer[:total]
            return frame
        return None

    def _skip(self, count: int) -> None:
        self.skipped_bytes += count
        del self._buffer[:count]
