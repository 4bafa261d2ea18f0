"""The M100 family's frame: HEAD TYPE CMD PLhi PLlo params CHK END, in two framings.

CHK is the low byte of the sum from TYPE to the last parameter. Nothing is escaped: HEAD and END
occur freely inside parameters, so only PL tells where a frame ends. Source: R200 user protocol
V2.3.3 and MagicRF M100/QM100 manual.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from simulator.modules.framing import FrameCutter

COMMAND, RESPONSE, NOTICE = 0x00, 0x01, 0x02  # TYPE
ERROR = 0xFF  # CMD of an error response
POLL = 0x22  # CMD of a single poll and of every tag notice


class Code(IntEnum):
    """First parameter of an error response."""

    READ_FAILED = 0x09
    WRITE_FAILED = 0x10
    KILL_FAILED = 0x12
    LOCK_FAILED = 0x13
    PERMALOCK_FAILED = 0x14
    NO_TAG = 0x15
    ACCESS_PASSWORD = 0x16
    BAD_COMMAND = 0x17
    NXP_CONFIG_FAILED = 0x1A
    NXP_EAS_FAILED = 0x1B
    NXP_ALARM_FAILED = 0x1D
    CHANNELS_BUSY = 0x20
    NXP_PROTECT_FAILED = 0x2A
    NXP_UNPROTECT_FAILED = 0x2B
    QT_FAILED = 0x2E


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame without its framing: `type` 0 command, 1 response, 2 notice."""

    type: int
    command: int
    params: bytes = b""


@dataclass(frozen=True, slots=True)
class Framing:
    """The first and the last byte of every frame of one firmware line."""

    head: int
    end: int

    def encode(self, frame: Frame) -> bytes:
        """Return the frame's bytes on the wire."""
        body = bytes((frame.type, frame.command)) + len(frame.params).to_bytes(2, "big")
        body += frame.params
        return bytes((self.head,)) + body + bytes((sum(body) & 0xFF, self.end))


BB_7E = Framing(0xBB, 0x7E)  # M100/QM100, YRM100, M5Stack JRD-4035
AA_DD = Framing(0xAA, 0xDD)  # YPD-R200

OVERHEAD = 7  # bytes of a frame beside its parameters


class FrameParser(FrameCutter[Frame]):
    """Cuts a byte stream into frames; `types` are the TYPE bytes that are taken as frames."""

    MAX_PARAMS = 255  # the longest command, a 32-word write, has 73; garbage must not ask for 64 K

    def __init__(self, framing: Framing, types: tuple[int, ...] = (COMMAND,)) -> None:
        super().__init__()
        self._framing = framing
        self._types = types

    def _measure(self, buffer: bytearray) -> int:
        if buffer[0] != self._framing.head or (len(buffer) > 1 and buffer[1] not in self._types):
            return -1
        if len(buffer) < 5:
            return 0
        size = buffer[3] << 8 | buffer[4]
        total = size + OVERHEAD
        if size > self.MAX_PARAMS:
            return -1
        if len(buffer) >= total and buffer[total - 1] != self._framing.end:
            return -1
        return total

    def _read(self, frame: bytes) -> Frame | None:
        if sum(frame[1:-2]) & 0xFF != frame[-2]:
            return None
        return Frame(frame[1], frame[2], frame[5:-2])
