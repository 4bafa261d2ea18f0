"""The simulated school as a stream: day, radio, coalescer and gateways joined, stretch by stretch.

Memory is that of one stretch and one lesson, however long the run.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from edge.contracts.school import School
from edge.contracts.truth import Truth
from simulator.air.cart_state import OpenDoors
from simulator.air.crowd import NO_WALK
from simulator.air.docked import Stay
from simulator.air.radio import Radio, Stretch
from simulator.coalescer.shapes import RawReads
from simulator.faults.faults import FaultMaker, no_faults
from simulator.faults.power import Power
from simulator.gateways.batching import Gateways, Notice, SentBatch
from simulator.gateways.coalescing import Coalescing
from simulator.people.day import Day
from simulator.people.itinerary import Dock, Happening, Leave, OpenCart, Undock, Unplug, Walk
from simulator.people.tags import Tags
from simulator.settings import SimulatorSettings
from simulator.truth_keeper import TruthKeeper

STRETCH_MS = 20_000  # long enough for numpy
SHORT_STRETCH_MS = 5_000  # where it would be too much for memory: 100 MB for 10,000 devices
MANY_DEVICES = 10_000


@dataclass(frozen=True)
class Piece:
    """What arrived, was entered, and became known in one stretch that ended at `until_ms`."""

    until_ms: int
    batches: list[SentBatch]
    leaves: list[Leave]
    truth: list[Truth]
    raw_reads: int
    notices: list[Notice]


class Chain:
    """One run of a school. `pieces` may be asked for once."""

    def __init__(
        self,
        school: School,
        tags: Tags,
        settings: SimulatorSettings,
        day: Day,
        start_s: float,
        seed: int,
        faults: FaultMaker = no_faults,
    ) -> None:
        self._start_s = start_s
        self._devices = len(tags.epcs)
        self._radio = Radio(school, tags.count, settings.dead_slots, seed)
        self._coalescing = Coalescing(self._radio.antennas, len(tags.epcs))
        self.gateways = Gateways(self._radio.antennas, seed)
        self._power = Power(self._radio.antennas, self._coalescing, self.gateways)
        self._faults = faults(school, self._radio.antennas, self.gateways.boots(), seed)
        self._radio.loss_db += self._faults.loss_db
        for cut in self._faults.cuts:
            self._power.cut(*cut)
        self.truth = TruthKeeper(school, tags.epcs)
        self._story = Story(day)
        self._walks: list[tuple[int, Walk]] = []
        self._doors: list[OpenDoors] = []
        self._stays = {
            p.device: Stay(p.device, p.cart, p.slot, 0.0, float("inf"))
            for p in day.placements
            if p.cart is not None
        }
        self.start_truth = self.truth.begin(day.placements, start_s)

    def pieces(self, length_ms: int, stretch_ms: int | None = None) -> Iterator[Piece]:
        """Run for `length_ms`, `stretch_ms` at a time: by default, what suits the school."""
        if stretch_ms is None:
            stretch_ms = STRETCH_MS if self._devices < MANY_DEVICES else SHORT_STRETCH_MS
        carried = RawReads.empty()
        for begin_ms in range(0, length_ms, stretch_ms):
            end_ms = min(begin_ms + stretch_ms, length_ms)
            leaves, stays = self._take_happenings(end_ms)
            walks = [walk for _, walk in self._walks]
            stretch = self._radio.stretch(
                begin_ms, end_ms, walks, stays, self._start_s, self._doors
            )
            stretch = self._power.hear(stretch, begin_ms)
            stretch = self._faults.hear(stretch, begin_ms, end_ms)
            self._count(stretch)
            self.gateways.looks.begin(stretch)
            reads, carried = _until(carried, stretch.reads, end_ms)
            records = self._coalescing.step(reads, stretch, end_ms)
            batches = self._faults.carry(self.gateways.send(records, end_ms), end_ms)
            notices = self._faults.tell(self.gateways.notices(), end_ms)
            now_s = self._start_s + end_ms / 1000
            self._walks = [entry for entry in self._walks if entry[1].end_s >= now_s]
            self._doors = [doors for doors in self._doors if doors.until_ms >= end_ms]
            facts = self.truth.facts(now_s)
            yield Piece(end_ms, batches, leaves, facts, len(stretch.walk), notices)

    def _take_happenings(self, end_ms: int) -> tuple[list[Leave], list[Stay]]:
        """Take what begins before `end_ms`; return leaves, and stays that touch the stretch."""
        leaves: list[Leave] = []
        stays: list[Stay] = []
        for happening in self._story.before(self._start_s + end_ms / 1000):
            told = self.truth.tell(happening)
            if isinstance(happening, Walk):
                self._walks.append((told, happening))
            elif isinstance(happening, Leave):
                leaves.append(happening)
            elif isinstance(happening, OpenCart):
                from_ms, until_ms = self._up_ms(happening.at_s), self._up_ms(happening.until_s)
                self._doors.append(OpenDoors(happening.cart, from_ms, until_ms))
            elif isinstance(happening, Unplug):
                off_ms, on_ms = self._up_ms(happening.at_s), self._up_ms(happening.until_s)
                self._power.cut(happening.gateway, int(off_ms), int(on_ms))
            elif isinstance(happening, Dock):
                self._stays[happening.device] = Stay(
                    happening.device,
                    happening.cart,
                    happening.slot,
                    self._up_ms(happening.at_s),
                    float("inf"),
                )
            else:
                stays.append(self._end_stay(happening))
        return leaves, [*stays, *self._stays.values()]

    def _end_stay(self, undock: Undock) -> Stay:
        stay = self._stays.pop(undock.device)
        return Stay(stay.device, stay.cart, stay.slot, stay.from_ms, self._up_ms(undock.at_s))

    def _count(self, stretch: Stretch) -> None:
        counts = np.bincount(stretch.walk[stretch.walk != NO_WALK], minlength=len(self._walks))
        for (told, _), reads in zip(self._walks, counts.tolist(), strict=True):
            self.truth.count_raw(told, reads)

    def _up_ms(self, at_s: float) -> float:
        return (at_s - self._start_s) * 1000


class Story:
    """The happenings of a day in the order in which they begin, asked for up to a time."""

    def __init__(self, day: Day) -> None:
        self._portions = day.portions()
        self._told_until_s = float("-inf")
        self._waiting: list[Happening] = []

    def before(self, until_s: float) -> list[Happening]:
        """Return what begins before `until_s` and was not returned yet."""
        while self._told_until_s < until_s:
            portion = next(self._portions, None)
            if portion is None:
                break
            self._told_until_s = portion.until_s
            self._waiting.extend(portion.happenings)
            self._waiting.sort(key=lambda happening: happening.begin_s)
        count = bisect_left(self._waiting, until_s, key=lambda happening: happening.begin_s)
        begun, self._waiting = self._waiting[:count], self._waiting[count:]
        return begun

    def tell_instead(self, device: int, happenings: Sequence[Happening]) -> None:
        """Replace what is still to come of a device, loans apart, up to the end of the portion."""
        kept = [
            happening
            for happening in self._waiting
            if not isinstance(happening, Walk | Dock | Undock) or happening.device != device
        ]
        self._waiting = sorted([*kept, *happenings], key=lambda happening: happening.begin_s)


def _until(carried: RawReads, new: RawReads, end_ms: int) -> tuple[RawReads, RawReads]:
    """Join reads in order of time, and part those that come after the stretch."""
    at_ms = np.concatenate([carried.at_ms, new.at_ms])
    order = np.argsort(at_ms, kind="stable")
    both = RawReads(
        *(
            np.concatenate([getattr(carried, name), getattr(new, name)])[order]
            for name in RawReads.__dataclass_fields__
        )
    )
    cut = int(np.searchsorted(both.at_ms, end_ms))
    return both.between(0, cut), both.between(cut, len(order))
