"""Faults of a bad cable, put on what a module sends."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Faults:
    """`lost_byte` and `flip_bit` are chances for each byte; `stall_ms` is how long the line falls
    silent before one frame in `STALL_EVERY`, drawn at random."""

    lost_byte: float = 0.0
    flip_bit: float = 0.0
    stall_ms: float = 0.0

    STALL_EVERY = 50

    def damage(self, data: bytes, rng: random.Random) -> bytes:
        """Return the bytes as they arrive: the same object when nothing happened to them."""
        if not self.lost_byte and not self.flip_bit:
            return data
        out = bytearray()
        for byte in data:
            if rng.random() < self.lost_byte:
                continue
            if rng.random() < self.flip_bit:
                byte ^= 1 << rng.randrange(8)
            out.append(byte)
        return data if out == data else bytes(out)

    def stall_s(self, rng: random.Random) -> float:
        """Return how long the line stalls before the next frame."""
        if self.stall_ms and rng.randrange(self.STALL_EVERY) == 0:
            return self.stall_ms / 1000
        return 0.0


NO_FAULTS = Faults()


def parse_faults(text: str) -> Faults:
    """Read `lost-byte=P,flip-bit=P,stall=MS`; raises ValueError with a sentence."""
    values = {"lost-byte": 0.0, "flip-bit": 0.0, "stall": 0.0}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, value = part.partition("=")
        if name not in values:
            raise ValueError(f"unknown fault {name!r}; known are {', '.join(values)}")
        try:
            values[name] = float(value)
        except ValueError:
            raise ValueError(f"fault {name!r} needs a number, as in {name}=0.01") from None
        top = 1.0 if name != "stall" else float("inf")
        if not 0 <= values[name] <= top:
            raise ValueError(f"fault {name!r} must lie between 0 and {top:g}, not {value}")
    return Faults(values["lost-byte"], values["flip-bit"], values["stall"])
