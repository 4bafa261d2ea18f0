"""The scripted day: what classes and pupils do with devices, lesson by lesson.

A pure function of school, devices, lessons and seed. It is told in portions, so that a whole year
or the demo's endless day need no more memory than one lesson.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from edge.contracts.devices import Device
from edge.contracts.school import School
from simulator.people.acts import Act
from simulator.people.building import Building
from simulator.people.cart_doors import open_carts
from simulator.people.classes import end_of_lesson, lesson_of_cart
from simulator.people.clothes import Clothes
from simulator.people.itinerary import Leave, Placement, Portion
from simulator.people.roster import Roster
from simulator.people.tags import Tags, tags_of
from simulator.people.timetable import Lesson
from simulator.settings import SimulatorSettings

MORNING_S = 1200.0  # devices that were at home come in within so long before the first bell


class Day:
    """A planned stretch of school time: `placements` at its start, then `portions()` once."""

    def __init__(
        self,
        school: School,
        devices: Sequence[Device],
        settings: SimulatorSettings,
        lessons: Iterator[Lesson],
        start_s: float,
        seed: int,
        acts: Sequence[Act] = (),
        tags: Tags | None = None,
    ) -> None:
        self._settings = settings
        self._lessons = lessons
        self._acts = acts
        self._tags = tags or tags_of(school, devices)
        self._start_s = start_s
        self._seed = seed
        self._rng = random.Random(f"day {seed}")
        self._roster = Roster(
            Building(school), devices, settings, self._rng, start_s, self._tags.carts
        )
        self._clothes = _clothes(school, self._tags, seed)
        self._portion_from_s = start_s
        self._send_home_before_start()
        self.placements: list[Placement] = self._roster.placements()

    @property
    def roster(self) -> Roster:
        """Where every device will be at the end of what was told."""
        return self._roster

    def portions(self) -> Iterator[Portion]:
        """Tell the day, lesson by lesson; without lessons there is one portion in which all rest.

        A portion's happenings are sorted by when they begin; none begins before the portion does.
        """
        for number, lesson in enumerate(self._lessons):
            if number == 0:
                self._arrive(self._start_s, lesson.start_s)
                yield self._portion(lesson.start_s)
            self._lesson(lesson)
            yield self._portion(lesson.next_s)
        yield self._portion(float("inf"))

    def _portion(self, until_s: float) -> Portion:
        told = self._roster.told
        if self._clothes is not None:
            told += self._clothes.worn(told, self._portion_from_s, until_s)
        told = sorted(told, key=lambda happening: happening.begin_s)
        told += open_carts(told, self._portion_from_s, self._seed)
        told.sort(key=lambda happening: happening.begin_s)
        self._roster.told = []
        self._portion_from_s = until_s
        return Portion(until_s, told)

    def _lesson(self, lesson: Lesson) -> None:
        roster, settings, rng = self._roster, self._settings, self._rng
        for act in self._acts:
            act.lesson(roster, rng, lesson)
        strays = [i for i in self._own() if not roster.docked[i] and not roster.is_outside(i)]
        for _ in range(int(settings.early_exits + rng.random())):
            self._early_exit(lesson)
        for cart in roster.building.school.carts:
            lesson_of_cart(roster, settings, rng, cart, lesson)
        for device in strays:
            if rng.random() < 0.6 and roster.free_at_s[device] <= lesson.start_s:
                _bring_back(
                    roster, device, lesson.start_s + rng.uniform(0.2, 0.6) * lesson.length_s
                )
        end_of_lesson(roster, settings, rng, lesson)
        if lesson.ends_day:
            self._end_of_day(lesson)

    def _own(self) -> list[int]:
        """Devices that have a cart."""
        return [i for i, cart in enumerate(self._roster.cart) if cart is not None]

    def _carried(self) -> list[int]:
        """Devices without a cart: pupils carry them, and may take them home."""
        return [i for i, cart in enumerate(self._roster.cart) if cart is None]

    def _send_home_before_start(self) -> None:
        """Let some pupils' own devices be at home when the log begins, on loan since yesterday."""
        roster, rng = self._roster, self._rng
        for device in self._carried():
            outside = roster.building.outside_of(roster.home[device])
            if outside is None or rng.random() >= self._settings.arriving_share:
                continue
            roster.room[device] = outside
            due_s = self._start_s + 8 * 3600.0
            roster.grant(device, self._start_s, self._start_s - 17 * 3600.0, due_s)

    def _arrive(self, from_s: float, until_s: float) -> None:
        """Bring in what is at home, before the first bell of a day."""
        roster, rng = self._roster, self._rng
        from_s = max(from_s, until_s - MORNING_S)
        for device in range(len(roster.room)):
            if roster.is_outside(device) and roster.free_at_s[device] <= from_s:
                leave_s = from_s + rng.uniform(0.0, 0.9) * (until_s - from_s)
                roster.come_back(device, leave_s)

    def _early_exit(self, lesson: Lesson) -> None:
        """Let one device leave the building in a lesson and come back within the next."""
        roster, rng = self._roster, self._rng
        at_hand = [
            i
            for i in self._carried() or self._own()
            if roster.free_at_s[i] <= lesson.start_s and not roster.is_outside(i)
        ]
        outside = roster.building.outside_of(roster.home[at_hand[0]]) if at_hand else None
        if outside is None:
            return
        device = rng.choice(at_hand)
        leave_s = lesson.start_s + rng.uniform(0.15, 0.5) * lesson.length_s
        cycle_s = max(lesson.length_s, min(lesson.next_s - lesson.start_s, 2 * lesson.length_s))
        back_s = leave_s + rng.uniform(0.5, 1.0) * cycle_s
        if rng.random() < self._settings.permitted_share:
            entered_s = max(lesson.start_s, leave_s - rng.uniform(10.0, 600.0))
            roster.grant(device, entered_s, entered_s, back_s + 3600.0)
        roster.undock(device, leave_s)
        gone_s = roster.walk(device, outside, leave_s)
        roster.come_back(device, max(back_s, gone_s + 10.0))

    def _end_of_day(self, lesson: Lesson) -> None:
        """Bring strays back, and let pupils take devices home until next morning."""
        roster, settings, rng = self._roster, self._settings, self._rng
        for device in self._own():
            if not roster.docked[device] and not roster.is_outside(device):
                _bring_back(roster, device, lesson.end_s + rng.uniform(120.0, 900.0))
        trip: list[int] = []
        for device in [*self._carried(), *self._own()]:
            is_own = roster.cart[device] is not None
            share = settings.cart_take_home_share if is_own else settings.take_home_share
            outside = roster.building.outside_of(roster.room[device])
            if outside is None or roster.is_outside(device) or (is_own and not share):
                continue
            if rng.random() >= share:
                roster.walk(device, roster.home[device], lesson.end_s + rng.uniform(10.0, 300.0))
                continue
            leave_s = lesson.end_s + rng.uniform(60.0, 600.0)
            if rng.random() < settings.unpermitted_share:
                pass  # carried off without leave
            elif rng.random() < 0.5:
                trip.append(device)
            else:
                entered_s = max(lesson.start_s, lesson.end_s - rng.uniform(300.0, 2400.0))
                roster.grant(device, entered_s, entered_s, lesson.next_s)
            roster.undock(device, leave_s)
            roster.walk(device, outside, leave_s)
        if trip:
            leave = Leave(tuple(trip), lesson.start_s, lesson.end_s, lesson.next_s, calendar=True)
            roster.told.append(leave)
        self._arrive(lesson.end_s + 1200.0, lesson.next_s)


def _bring_back(roster: Roster, device: int, leave_s: float) -> None:
    """Carry a device to its cart and put it in."""
    arrived_s = roster.walk(device, roster.home[device], leave_s)
    roster.dock(device, arrived_s + 3.0)


def _clothes(school: School, tags: Tags, seed: int) -> Clothes | None:
    """Return what people wear where there are foreign tags."""
    if not tags.foreign:
        return None
    return Clothes(tags, {door.id: door.between for door in school.doorways.values()}, seed)
