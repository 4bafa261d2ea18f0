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
    slots = len(usable_ms)
    used_ms = np.zeros(slots)
    rounds = np.zeros(slots, np.int64)
    rows: list[Ints] = []
    times: list[Floats] = []
    for _ in range(ROUNDS):
        active = used_ms + round_ms <= usable_ms
        row = np.flatnonzero(active[slot])
        if not len(row):
            break
        # three draws of 24, 24 and 16 bits from one: the generator is the dearest part
        bits = rng.integers(0, 1 << 63, len(row), dtype=np.int64)
        answering = (bits & 0xFFFFFF) < powered[row] * 0x1000000
        row, bits = row[answering], bits[answering]
        cell = slot[row] * PLACES + (bits >> 59)
        alone = np.bincount(cell, minlength=slots * PLACES)[cell] == 1
        heard = alone & ((bits >> 24 & 0xFFFFFF) < decoded[row] * 0x1000000)
        read_row, read_cell = row[heard], cell[heard]
        taken = np.bincount(read_cell, minlength=slots * PLACES).reshape(slots, PLACES)
        before = np.cumsum(taken, axis=1)
        at = read_cell // PLACES
        place_ms = (round_ms[at] - LEAD_MS) * (read_cell % PLACES) / PLACES
        after = used_ms[at] + LEAD_MS + place_ms + before.reshape(-1)[read_cell] * read_ms[at]
        in_time = after <= usable_ms[at]
        rows.append(read_row[in_time])
        times.append(after[in_time])
        rounds += active
        used_ms += np.where(active, round_ms + before[:, -1] * read_ms, 0.0)
    left = np.maximum(usable_ms - used_ms, 0.0)
    return Outcome(
        np.concatenate([*rows, np.zeros(0, np.int64)]),
        np.concatenate([*times, np.zeros(0)]),
        rounds + (left // round_ms).astype(np.int64),
    )
