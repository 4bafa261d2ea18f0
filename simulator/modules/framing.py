"""What the emulators' parsers share: cutting a host's bytes into frames, whatever is between."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

F = TypeVar("F")


class FrameCutter(ABC, Generic[F]):
    """Cuts a byte stream into frames `F`.

    What cannot be a frame is skipped by one byte at a time, so that a false head never swallows
    the frame behind it. A frame that stays incomplete blocks what follows it until `give_up`.
    `bad_checksums` counts frames that failed their check, `skipped_bytes` those of no frame.
    """

    def __init__(self) -> None:
        self.bad_checksums = 0
        self.skipped_bytes = 0
        self._buffer = bytearray()

    @property
    def waiting(self) -> bool:
        """Tell whether an incomplete frame stands in the buffer."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[F]:
        """Take bytes as they come; return the frames that are now whole."""
        buffer = self._buffer
        buffer += data
        frames = []
        while buffer:
            total = self._measure(buffer)
            if total < 0:
                self._skip()
            elif not 0 < total <= len(buffer):
                break
            elif (frame := self._read(bytes(buffer[:total]))) is None:
                self.bad_checksums += 1
                self._skip()
            else:
                frames.append(frame)
                del buffer[:total]
        return frames

    def give_up(self) -> list[F]:
        """Stop waiting for the rest of an incomplete frame; return what stood behind its head."""
        frames = []
        while self._buffer:
            self._skip()
            frames += self.feed(b"")
        return frames

    def clear(self) -> None:
        """Forget all that was received."""
        self._buffer.clear()

    @abstractmethod
    def _measure(self, buffer: bytearray) -> int:
        """Return the length of the frame with which the buffer begins; 0: more bytes are needed
        to tell; -1: none begins there."""

    @abstractmethod
    def _read(self, frame: bytes) -> F | None:
        """Return a whole frame without its framing; None when its check fails."""

    def _skip(self) -> None:
        self.skipped_bytes += 1
        del self._buffer[0]
