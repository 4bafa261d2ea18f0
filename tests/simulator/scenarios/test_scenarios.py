"""Every scenario by its name: listed, its day holds together, and is the same each time."""

import pytest

from simulator.scenarios import SCENARIOS, find_scenario, listing
from simulator.settings import SimulatorError
from tests.simulator.demo_school import scenario_day
from tests.simulator.people.story import check_story


def test_each_scenario_is_listed_in_a_line() -> None:
    lines = listing().splitlines()
    assert [line.split()[0] for line in lines] == [*SCENARIOS, "district"]
    assert all(len(line) <= 120 for line in lines)


def test_an_unknown_scenario_is_answered_with_those_there_are() -> None:
    with pytest.raises(SimulatorError, match="known: demo-day, quiet-day"):
        find_scenario("nonsense")


@pytest.mark.parametrize("name", SCENARIOS)
def test_its_day_holds_together_and_its_evening_too(name: str) -> None:
    for seed in (4, 5):
        assert check_story(scenario_day(name, seed), portions=9) > 100
