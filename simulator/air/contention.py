"""Inventory rounds: which tags of a slot on the air are read, when, and how many rounds it took.

Framed slotted ALOHA with 2^Q places a round, on whole arrays: a tag that is alone in its place
and decoded is read; two in one place destroy each other; the slot ends when its time is over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.air.chance import Floats

Q = 4
PLACES = 1 << Q
ROUNDS = 3  # simulated a slot; with tags about no more fit into 80 ms, without tags none matter
LEAD_MS = 8.0  # from a round's query to the first place

_DRAWS = 1 << 24
_DRAW = _DRAWS - 1

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Outcome:
    """`row` of each read and its milliseconds after the slot's start; `rounds` of each slot."""

    row: Ints
    after_ms: Floats
    rounds: Ints


def run_slots(
    slot: Ints,
    powered: Floats,
    decoded: Floats,
    usable_ms: Floats,
    round_ms: Floats,
    read_ms: Floats,
    rng: np.random.Generator,
) -> Outcome:
    """Run the rounds of many slots.

    A row is a tag in a slot: its `slot`, chance to be `powered` and to be `decoded` when alone.
    The other three arrays hold one value a slot.
    """
    # most antennas of a school hear nobody most of the time: their rounds need no working out
    made = (usable_ms // round_ms).astype(np.int64)
    heard_in = np.flatnonzero(np.bincount(slot, minlength=len(usable_ms)))
    local = np.zeros(len(usable_ms), np.int64)
    local[heard_in] = np.arange(len(heard_in))
    usable_ms, round_ms, read_ms = usable_ms[heard_in], round_ms[heard_in], read_ms[heard_in]
    slot = local[slot]
    slots = len(heard_in)
    cells = slots * PLACES
    used_ms = np.zeros(slots)
    rounds = np.zeros(slots, np.int64)
    rows: list[Ints] = []
    times: list[Floats] = []
    # as whole numbers of 24 bits: three draws of 24, 24 and 16 bits come from one, since the
    # generator is the dearest part
    power_bits = np.ceil(powered * _DRAWS).astype(np.int64)
    decode_bits = np.ceil(decoded * _DRAWS).astype(np.int64)
    for _ in range(ROUNDS):
        active = used_ms + round_ms <= usable_ms
        row = np.flatnonzero(active[slot])
        if not len(row):
            break
        bits = (rng.bit_generator.random_raw(len(row)) >> np.uint64(1)).view(np.int64)
        chosen = np.flatnonzero((bits & _DRAW) < power_bits[row])
        row, bits = row[chosen], bits[chosen]
        cell = slot[row] * PLACES + (bits >> 59)
        alone = np.flatnonzero(np.bincount(cell, minlength=cells)[cell] == 1)
        row, bits, cell = row[alone], bits[alone], cell[alone]
        heard = np.flatnonzero((bits >> 24 & _DRAW) < decode_bits[row])
        row, cell = row[heard], cell[heard]
        taken = np.bincount(cell, minlength=cells)
        ended = np.cumsum(taken)
        taken_before = np.append(0, ended[PLACES - 1 : -1 : PLACES])  # in the slots before each
        at = cell // PLACES
        place_ms = (round_ms[at] - LEAD_MS) * (cell % PLACES) / PLACES
        after = used_ms[at] + LEAD_MS + place_ms + (ended[cell] - taken_before[at]) * read_ms[at]
        in_time = after <= usable_ms[at]
        rows.append(row[in_time])
        times.append(after[in_time])
        rounds += active
        taken_here = ended[PLACES - 1 :: PLACES] - taken_before
        used_ms += np.where(active, round_ms + taken_here * read_ms, 0.0)
    left = np.maximum(usable_ms - used_ms, 0.0)
    made[heard_in] = rounds + (left // round_ms).astype(np.int64)
    return Outcome(
        np.concatenate([*rows, np.zeros(0, np.int64)]),
        np.concatenate([*times, np.zeros(0)]),
        made,
    )
