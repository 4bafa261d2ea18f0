"""Scenarios by name: what is different from an ordinary day."""

from __future__ import annotations

from simulator.settings import SimulatorError, SimulatorSettings

SCENARIOS: dict[str, str] = {
    "demo-day": "an ordinary day by the school's bells, as its [simulator] table describes it",
}


def apply_scenario(name: str, settings: SimulatorSettings) -> SimulatorSettings:
    """Return the settings of a scenario.

    Raises:
        SimulatorError: there is no such scenario.
    """
    if name not in SCENARIOS:
        known = ", ".join(SCENARIOS)
        raise SimulatorError(f'no scenario "{name}"; known: {known}')
    return settings
