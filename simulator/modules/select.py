"""A Gen2 Select: the mask by which a reader tells tags apart before a round."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Select:
    """One Select command.

    `target` 0..3 is the inventoried flag of S0..S3, 4 and above the SL flag; `action` 0..7 is what
    matching and other tags do with it; `bank` 1 EPC, 2 TID, 3 user (a tag ignores a Select on 0);
    the mask is `mask_bits` bits (0 matches every tag) compared at `pointer_bits` of the bank, where
    an EPC begins at bit 0x20 behind CRC and PC.
    """

    target: int
    action: int
    bank: int
    pointer_bits: int
    mask_bits: int
    mask: int
