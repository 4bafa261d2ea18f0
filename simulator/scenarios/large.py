"""Scenarios that bring a school of their own, to measure speed and memory by."""

from __future__ import annotations

from simulator.scenarios.scenario import Scenario
from simulator.schools.district import BUILDINGS, DEVICES, district_text

LARGE: dict[str, Scenario] = {
    "district": Scenario(
        f"an ordinary day of {DEVICES:,} devices in {BUILDINGS} buildings; brings its own school",
        school_text=lambda: district_text(BUILDINGS, DEVICES),
    ),
}
