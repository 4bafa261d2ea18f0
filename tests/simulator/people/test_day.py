"""The scripted day holds together: devices are where they were carried, and lessons are kept."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.contracts.school_file import parse_school
from simulator.people.itinerary import Dock, Leave, Undock, Walk
from tests.simulator import demo_school
from tests.simulator.demo_school import SCHOOL, START_S, demo_day, happenings, whole_day
from tests.simulator.people.story import check_story


@settings(max_examples=12)
@given(st.integers(0, 2**32))
def test_a_device_is_carried_from_where_it_is_and_docked_where_its_cart_stands(seed: int) -> None:
    assert check_story(whole_day(seed), portions=9) > 500


@settings(max_examples=6)
@given(st.integers(0, 2**32))
def test_the_demos_short_day_holds_together_too(seed: int) -> None:
    assert check_story(demo_day(seed), portions=12) > 500


def test_a_portion_tells_in_order_and_nothing_that_began_before_it() -> None:
    began_s = START_S
    for number, portion in enumerate(demo_day(3).portions()):
        begins = [happening.begin_s for happening in portion.happenings]
        assert begins == sorted(begins)
        assert all(begin_s >= began_s - 1e-6 for begin_s in begins)
        began_s = portion.until_s
        if number == 20:
            break


def test_the_same_seed_tells_the_same_day_and_another_seed_another() -> None:
    first, again, other = (list(happenings(whole_day(seed), 4)) for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_a_class_has_put_back_nearly_all_before_its_lesson_ends() -> None:
    end_s = START_S + 600 + 50 * 60
    docked = [h.at_s for h in happenings(whole_day(1), 2) if isinstance(h, Dock)]
    assert docked and max(docked) < end_s


def test_at_the_end_of_the_day_pupils_take_devices_home_and_bring_them_back() -> None:
    told = list(happenings(whole_day(2, hours=30), 20))
    out = [h for h in told if isinstance(h, Walk) and h.to_room == "outside"]
    back = [h for h in told if isinstance(h, Walk) and h.from_room == "outside"]
    last_bell_s = START_S + 600 + 7 * 3600
    evening = [walk for walk in out if last_bell_s < walk.at_s < last_bell_s + 1800]
    assert len(evening) >= 3
    morning = {walk.device for walk in back if walk.at_s > START_S + 20 * 3600}
    assert {walk.device for walk in evening} <= morning
    leaves = [h for h in told if isinstance(h, Leave)]
    assert any(leave.calendar for leave in leaves) and any(leave.ended_s for leave in leaves)


def test_leave_is_entered_before_the_device_goes() -> None:
    told = list(happenings(whole_day(2, hours=30), 20))
    for leave in (h for h in told if isinstance(h, Leave) and h.ended_s is None):
        assert leave.at_s <= leave.from_s or leave.from_s < START_S


@pytest.mark.parametrize("doors", ["", '[doorways.d]\nbetween = ["a", "b"]\ngateway = "g"\n'])
def test_odd_schools_can_be_simulated_too(doors: str) -> None:
    antennas = "antennas = { 1 = 'a' }\n" if doors else ""
    school = parse_school(
        'name = "N"\nsite = "n"\ntimezone = "UTC"\n[rooms.a]\n[rooms.b]\n'
        f'{doors}{antennas}[carts.c]\nhome = "a"\ngateway = "gc"\ncapacity = 3\nantennas = [1]\n'
        "[simulator]\ndevices = 5\n"
    )
    assert list(happenings(whole_day(1, hours=2, school=school), 4))


def test_devices_fill_the_carts_first_and_are_the_same_each_time() -> None:
    made = demo_school.devices()
    assert made == demo_school.devices()
    assert len({device.epc for device in made}) == len(made) == 120
    assert all(SCHOOL.accepts(device.epc) and len(device.epc) == 24 for device in made)
    for cart in SCHOOL.carts.values():
        inside = [device for device in made if device.cart == cart.id]
        assert [device.number for device in inside] == [str(n) for n in range(1, 31)]
        assert {device.home for device in inside} == {cart.home}
    assert [d.home for d in made if d.cart is None] == ["r104"] * 30


def test_undocked_devices_were_docked() -> None:
    docked = {p.device for p in demo_day(1).placements if p.cart}
    first = next(h for h in happenings(demo_day(1), 3) if isinstance(h, Undock))
    assert first.device in docked
    assert msgspec.json.encode(first)
