"""The demo's school, as tests use it."""

from collections.abc import Iterator
from pathlib import Path

from edge.contracts.devices import Device
from edge.contracts.school import School
from edge.contracts.school_file import load_school
from simulator.people.day import Day
from simulator.people.devices import make_devices
from simulator.people.itinerary import Happening
from simulator.people.tags import tags_of
from simulator.people.timetable import default_start, school_days, short_day
from simulator.scenarios import find_scenario
from simulator.settings import load_settings

PATH = Path("simulator/schools/demo.toml")
SCHOOL = load_school(PATH)
START_S = default_start(SCHOOL)


def devices() -> list[Device]:
    return make_devices(SCHOOL, 1)


def whole_day(seed: int, hours: float = 26.0, school: School = SCHOOL) -> Day:
    lessons = school_days(school, START_S, START_S + hours * 3600)
    known = make_devices(school, 1)
    return Day(school, known, load_settings(school), lessons, START_S, seed)


def scenario_day(name: str, seed: int, hours: float = 26.0, school: School = SCHOOL) -> Day:
    lessons = school_days(school, START_S, START_S + hours * 3600)
    scenario = find_scenario(name)
    settings = scenario.settings(load_settings(school))
    acts = [make() for make in scenario.acts]
    known = make_devices(school, 1)
    tags = tags_of(school, known, carts=scenario.rolls_carts, clothes=scenario.clothes)
    return Day(school, known, settings, lessons, START_S, seed, acts, tags)


def demo_day(seed: int) -> Day:
    lessons = short_day(START_S, 75.0)
    return Day(SCHOOL, devices(), load_settings(SCHOOL), lessons, START_S, seed)


def happenings(day: Day, portions: int) -> Iterator[Happening]:
    """Yield what the first portions tell, in order of beginning."""
    for number, portion in enumerate(day.portions()):
        if number == portions:
            return
        yield from portion.happenings
