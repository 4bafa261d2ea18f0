"""Inventory rounds: which tags of a slot on the air are read, when, and how many rounds it took.

Framed slotted ALOHA with 2^Q places a round, on whole arrays: a tag that is alone in its place
and decoded is read; two in one place destroy each other; the slot ends when its time is over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.air.chance import Floats
from simulator.air.crowd import POWERED_BITS, Crowd, Ints, Links

Q = 4
PLACES = 1 << Q  # a round's replies fit into the bits of a uint16
ROUNDS = 3  # simulated a slot; with tags about no more fit into 80 ms, without tags none matter
LEAD_MS = 8.0  # from a round's query to the first place

_CELLS = 1 << 18  # tags times slots worked out together: what a processor's cache holds
_PLACE = np.uint32(PLACES - 1)
_BITS = np.uint32(32 - POWERED_BITS)  # of a draw that a place takes; the others tell who is powered

Masks = npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Pace:
    """How fast a slot's rounds go, an item a slot: time on the air, a round, a read; in ms."""

    usable_ms: Floats
    round_ms: Floats
    read_ms: Floats

    def of(self, which: Ints | slice) -> Pace:
        """Return that of some slots."""
        return Pace(self.usable_ms[which], self.round_ms[which], self.read_ms[which])

    def rounds(self) -> Ints:
        """Return how many rounds slots make in which nobody is read."""
        made: Ints = (self.usable_ms // self.round_ms).astype(np.int64)
        return made


@dataclass(frozen=True)
class Outcome:
    """`link` of each read, the place of its slot in the crowd, and its ms after the slot's start.

    `rounds` of each slot.
    """

    link: Ints
    slot: Ints
    after_ms: Floats
    rounds: Ints


def run_rounds(crowd: Crowd, links: Links, pace: Pace, rng: np.random.Generator) -> Outcome:
    """Run the rounds of all slots of a crowd."""
    slots = len(crowd.slot)
    step = max(_CELLS // int(crowd.count.max(initial=1)), 1)
    parts = []
    for at in range(0, slots, step):
        part = slice(at, at + step)
        outcome = _run(crowd.part(part), links, pace.of(part), rng)
        parts.append((outcome.link, outcome.slot + at, outcome.after_ms, outcome.rounds))
    if not parts:
        none = np.zeros(0, np.int64)
        return Outcome(none, none, np.zeros(0), none)
    return Outcome(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _run(crowd: Crowd, links: Links, pace: Pace, rng: np.random.Generator) -> Outcome:
    used_ms = np.zeros(len(crowd.slot))
    rounds = np.zeros(len(crowd.slot), np.int64)
    found: list[tuple[Ints, Ints, Floats]] = []
    going = np.arange(len(crowd.slot))  # slots that have time for another round
    powered = crowd.powered(links)
    for _ in range(ROUNDS):
        has_time = used_ms[going] + pace.round_ms[going] <= pace.usable_ms[going]
        if not has_time.all():
            which = np.flatnonzero(has_time)
            going, powered = going[which], powered.take(which, axis=1)
        if not len(going):
            break
        tag, column, bit = _alone(powered, rng)
        slot = going[column]
        link = crowd.first[slot] + tag
        heard = rng.random(len(link), np.float32) < links.decoded[link]
        link, slot, bit = link[heard], slot[heard], bit[heard]
        # the reads of a slot, as bits; no two share one
        taken = np.bincount(slot, weights=bit, minlength=len(used_ms)).astype(np.uint16)
        before = bit - np.uint16(1)  # all bits below
        place_ms = (pace.round_ms[slot] - LEAD_MS) * np.bitwise_count(before) / PLACES
        reads_ms = (np.bitwise_count(taken[slot] & before) + 1) * pace.read_ms[slot]
        after_ms = used_ms[slot] + LEAD_MS + place_ms + reads_ms
        in_time = after_ms <= pace.usable_ms[slot]
        found.append((link[in_time], slot[in_time], after_ms[in_time]))
        rounds[going] += 1
        reads = np.bitwise_count(taken[going])
        used_ms[going] += pace.round_ms[going] + reads * pace.read_ms[going]
    left_ms = np.maximum(pace.usable_ms - used_ms, 0.0)
    rounds += (left_ms // pace.round_ms).astype(np.int64)
    none = np.zeros(0, np.int64)
    found.append((none, none, np.zeros(0)))
    link, slot, after_ms = (np.concatenate(column) for column in zip(*found, strict=True))
    return Outcome(link, slot, after_ms, rounds)


def _alone(powered: npt.NDArray[np.uint32], rng: np.random.Generator) -> tuple[Ints, Ints, Masks]:
    """Draw a round of all slots (columns); return who is alone: tag (row), slot, bit of its place.

    `powered` is each tag's chance to be powered, in 2^-28.
    """
    draws = rng.bit_generator.random_raw((powered.size + 1) // 2).view(np.uint32)
    draws = draws[: powered.size].reshape(powered.shape)
    replies = (draws >> _BITS) < powered
    bits = replies.astype(np.uint16) << (draws & _PLACE).astype(np.uint16)
    once = np.zeros(powered.shape[1], np.uint16)
    twice = np.zeros_like(once)
    for tag in bits:
        twice |= once & tag
        once |= tag
    bits &= once & ~twice
    alone = np.flatnonzero(bits != 0)
    tag, slot = np.divmod(alone, powered.shape[1])
    return tag, slot, bits.reshape(-1)[alone]
