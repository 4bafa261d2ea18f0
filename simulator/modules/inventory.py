"""One Gen2 inventory round: who takes part, in which slot, who collides, and how long it takes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.modules.field import TagAnswer
from simulator.modules.select import Select


@dataclass(frozen=True, slots=True)
class Query:
    """What a round asks for. `sel` 0 and 1 mean all tags, 2 those not selected, 3 the selected."""

    session: int
    target_b: bool
    sel: int
    q: int


@dataclass(frozen=True, slots=True)
class AirTiming:
    """How long the parts of a round take, in seconds.

    With `rate_hz` the round is stretched or squeezed so that the module gives that many reads a
    second, whatever Q and collisions do; otherwise the slots decide. The carrier is off for
    `carrier_off_s` between rounds: a cheap module's S0 flags fall back to A there, which is why
    it reports the same tag in every round. 0 keeps S0 flags where the next round follows at once.
    """

    overhead_s: float
    empty_s: float
    collision_s: float
    read_s: float
    rate_hz: float | None = None
    carrier_off_s: float = 0.001


@dataclass(frozen=True, slots=True)
class Round:
    """The reads of one round, each with the time its slot was over, and when the round ends.

    `powered` are all tags that the carrier reaches, read or not.
    """

    reads: tuple[tuple[float, TagAnswer], ...]
    end_s: float
    powered: Sequence[TagAnswer]

    def cut(self, at_s: float) -> None:
        """Switch the carrier off at `at_s`, before the round's end."""
        for answer in self.powered:
            answer.tag.unpower(at_s)


# How long it is off in a round whose length `rate_hz` decides: enough for the flags to fall back.
_RATED_OFF_S = 1e-6


def run_round(
    answers: Sequence[TagAnswer],
    query: Query,
    selects: Sequence[Select],
    begin_s: float,
    timing: AirTiming,
    rng: random.Random,
) -> Round:
    """Run one round begun at `begin_s` over the tags that the carrier powers.

    Flags change here by decay and Select only; a read turns the session flag when its slot is
    over, so the caller reports it with `Tag.inventoried` when it hands the read out.
    """
    slots: dict[int, list[TagAnswer]] = {}
    for answer in answers:
        tag = answer.tag
        tag.power(begin_s, begin_s)
        for select in selects:
            tag.apply_select(select, begin_s)
        if tag.takes_part(query.session, query.target_b, query.sel):
            slots.setdefault(rng.getrandbits(query.q) if query.q else 0, []).append(answer)

    reads: list[tuple[float, TagAnswer]] = []
    at_s, done = begin_s + timing.overhead_s, 0
    for slot in sorted(slots):
        at_s += (slot - done) * timing.empty_s
        done = slot + 1
        if len(slots[slot]) == 1 and slots[slot][0].heard:
            at_s += timing.read_s
            reads.append((at_s, slots[slot][0]))
        else:
            at_s += timing.collision_s
    at_s += ((1 << query.q) - done) * timing.empty_s

    if timing.rate_hz is not None:
        at_s = begin_s + max(1, len(reads)) / timing.rate_hz
        reads = [
            (begin_s + (place + 1) / timing.rate_hz, answer)
            for place, (_, answer) in enumerate(reads)
        ]
    for answer in answers:
        answer.tag.power(begin_s, at_s)
    off_s = timing.carrier_off_s
    if timing.rate_hz is not None:
        off_s = min(off_s, _RATED_OFF_S)
    return Round(tuple(reads), at_s + off_s, answers)
