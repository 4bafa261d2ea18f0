"""Scenarios by name: what is different from an ordinary day."""

from __future__ import annotations

from simulator.scenarios.broken import BROKEN
from simulator.scenarios.days import DAYS
from simulator.scenarios.large import LARGE
from simulator.scenarios.scenario import Scenario
from simulator.settings import SimulatorError

SCENARIOS: dict[str, Scenario] = {**DAYS, **BROKEN}  # that an engine can be judged by
_ALL = {**SCENARIOS, **LARGE}


def find_scenario(name: str) -> Scenario:
    """Return a scenario.

    Raises:
        SimulatorError: there is none of this name; its text names those there are.
    """
    if name not in _ALL:
        known = ", ".join(_ALL)
        raise SimulatorError(
            f'no scenario "{name}"; known: {known} (`--scenario help` says what each is)'
        )
    return _ALL[name]


def listing() -> str:
    """Return one line for each scenario."""
    width = max(len(name) for name in _ALL)
    return "\n".join(f"{name:{width}}  {one.line}" for name, one in _ALL.items())
