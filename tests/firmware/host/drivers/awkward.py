"""EPCs that bring parsers to fall: of every length, and of the bytes that frames are made of."""

import random

# Heads, tails and escapes of all families' frames: M100 BB..7E and AA..DD, ThingMagic FF,
# Impinj boards A0, UHFReader18 its lengths and command codes, and what noise likes best.
FRAME_BYTES = bytes.fromhex("BB7EAADDFFA00400150122272EE0")
LENGTHS = (0, 1, 2, 5, 6, 7, 8, 13, 16, 24, 30, 31)  # words; 31 is the most that a PC word can say


def awkward_epcs(rng: random.Random) -> list[bytes]:
    """EPCs of 0 to 31 words, no two the same."""
    epcs = [rng.randbytes(2 * words) for words in LENGTHS]
    epcs += [bytes([byte]) * 12 for byte in FRAME_BYTES]
    epcs += [bytes(rng.choices(FRAME_BYTES, k=2 * rng.randint(1, 31))) for _ in range(6)]
    # None of zeros alone: boards of the A0 family make those of noise, and their driver drops them.
    return [epc for epc in dict.fromkeys(epcs) if any(epc) or not epc]


def notices_in_epcs(frames: list[bytes]) -> list[bytes]:
    """EPCs that hold a whole frame each, as far as it fits into 31 words."""
    fitting = [frame for frame in frames if len(frame) <= 60]
    return [b"\x00" * (2 - len(frame) % 2) + frame for frame in fitting]
