"""One run of a simulated school: what it is made of, and how it is put together."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from edge.contracts.devices import Device
from edge.contracts.school import School
from simulator.chain import Chain
from simulator.coalescer.shapes import TICK_MS
from simulator.people.day import Day
from simulator.people.tags import Tags, tags_of
from simulator.people.timetable import default_start, school_days
from simulator.scenarios import find_scenario
from simulator.settings import SimulatorError, load_settings


class Run(msgspec.Struct, frozen=True):
    """A school, its devices, and a stretch of its time; the same run gives the same log."""

    school: School
    school_text: str
    devices: Sequence[Device]
    scenario: str
    start_s: float
    length_ms: int
    seed: int
    tags: Tags

    def chain(self) -> Chain:
        """Begin the run."""
        scenario = find_scenario(self.scenario)
        settings = scenario.settings(load_settings(self.school))
        lessons = school_days(self.school, self.start_s, self.start_s + self.length_ms / 1000)
        acts = [make() for make in scenario.acts]
        day = Day(
            self.school,
            self.devices,
            settings,
            lessons,
            self.start_s,
            self.seed,
            acts,
            self.tags,
        )
        return Chain(
            self.school, self.tags, settings, day, self.start_s, self.seed, scenario.faults
        )


def plan_run(
    school: School,
    school_text: str,
    devices: Sequence[Device],
    scenario: str,
    hours: float,
    seed: int,
    start_s: float | None,
) -> Run:
    """Check what was asked and fill in what was not; without a start, ten minutes before a bell.

    Raises:
        SimulatorError: nothing to simulate, or a scenario, school or length that does not work.
    """
    if not devices:
        raise SimulatorError("no devices: the list given holds none")
    known = find_scenario(scenario)
    known.settings(load_settings(school))
    tags = tags_of(school, devices, carts=known.rolls_carts, clothes=known.clothes)
    length_ms = math.ceil(hours * 3_600_000 / TICK_MS) * TICK_MS
    if length_ms < TICK_MS:
        raise SimulatorError(f"{hours} hours is nothing to simulate; give more than 0")
    start_s = default_start(school) if start_s is None else start_s
    return Run(school, school_text, devices, scenario, round(start_s, 3), length_ms, seed, tags)
