"""The A0 family's frame: A0 LEN ADR CMD data CHK, and the codes its replies carry.

LEN counts what follows it; CHK makes the sum of the whole frame 0 mod 256. A0 occurs freely inside
data, so only LEN and CHK tell a frame from what looks like one. Source: the UHF RFID reader serial
interface protocol of Invelion and Rodinbell boards, as their demo programs speak it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from simulator.modules.framing import FrameCutter

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


class FrameParser(FrameCutter[Frame]):
    """Cuts a byte stream into frames."""

    def _measure(self, buffer: bytearray) -> int:
        if buffer[0] != HEAD:
            return -1
        if len(buffer) < 2:
            return 0
        total = buffer[1] + 2
        return total if total >= OVERHEAD else -1

    def _read(self, frame: bytes) -> Frame | None:
        return None if sum(frame) & 0xFF else Frame(frame[2], frame[3], frame[4:-1])
