"""What people do in scenarios: as hard as it is meant to be."""

from collections import Counter, defaultdict

from simulator.people.itinerary import Dock, Leave, Unplug, Walk
from tests.simulator.demo_school import START_S, happenings, scenario_day

PORTIONS = 9  # the way in, seven lessons, the evening and the night


def _walks(name: str) -> list[Walk]:
    return [h for h in happenings(scenario_day(name, 4), PORTIONS) if isinstance(h, Walk)]


def _through(name: str) -> list[Walk]:
    return [walk for walk in _walks(name) if walk.kind == "through"]


def test_in_the_rush_thirty_devices_go_through_one_door_in_forty_seconds() -> None:
    by_door = defaultdict(list)
    for walk in _through("bell-rush"):
        by_door[walk.doorway, walk.from_room].append(walk.at_s)
    times = sorted(by_door["d101", "r101"])
    # of 30 a few carry two; walking speeds spread a line over a few seconds more
    spans = [times[i + 25] - times[i] for i in range(0, len(times) - 29, 30)]
    assert len(spans) >= 2 and max(spans) < 45


def test_in_the_rush_some_devices_are_carried_in_pairs_and_all_go_back_at_the_end() -> None:
    at = Counter((walk.doorway, walk.at_s) for walk in _through("bell-rush"))
    assert 0.03 < sum(count == 2 for count in at.values()) / len(at) < 0.25
    docked = {h.device for h in happenings(scenario_day("bell-rush", 4), 8) if isinstance(h, Dock)}
    assert len(docked) == 90


def test_loiterers_leave_bags_for_hours_and_stand_in_doorways() -> None:
    walks = _walks("loiterers")
    bags = [walk for walk in walks if walk.laid_down]
    assert len(bags) >= 7 and max(bag.pause_s for bag in bags) > 3600
    assert all(abs(bag.lane_m) >= 0.6 and bag.reach_m < 0 for bag in bags)
    standing = [walk for walk in walks if walk.kind == "turn" and walk.pause_s > 8]
    on_the_way = [walk for walk in walks if walk.kind == "through" and walk.pause_s > 4]
    assert len(standing) > 50 and len(on_the_way) > 50
    assert {walk.pause_at_m < 0 for walk in on_the_way} == {True, False}


def test_hall_passers_pass_many_doors_for_each_they_go_through() -> None:
    kinds = Counter(walk.kind for walk in _walks("hall-passers"))
    assert kinds["past"] > 1000 and kinds["past"] > 2 * kinds["through"]
    passed = Counter(walk.doorway for walk in _walks("hall-passers") if walk.kind == "past")
    assert passed["front"] > 100  # an exit, too


def _exits(name: str) -> list[Walk]:
    return [walk for walk in _through(name) if walk.to_room == "outside"]


def test_a_day_of_theft_has_hundreds_of_exits_and_turns_at_the_exit() -> None:
    exits = _exits("theft")
    assert len(exits) > 300
    assert sum(walk.speed_m_s == 2.0 for walk in exits) > 30
    turns = [walk for walk in _walks("theft") if walk.kind == "turn" and walk.doorway == "front"]
    assert len(turns) > 20
    told = list(happenings(scenario_day("theft", 4), PORTIONS))
    permitted = [h for h in told if isinstance(h, Leave) and h.ended_s is None]
    assert 0 < len(permitted) < len(exits) / 4


def test_an_hour_of_exits_has_as_many_as_a_day_of_theft_each_after_a_way_back_in() -> None:
    began_s = START_S + 600
    hour = [walk for walk in _exits("exits") if walk.at_s < began_s + 3600]
    assert len(hour) > 300
    outside = set()
    for walk in sorted(_through("exits"), key=lambda walk: walk.at_s):
        if walk.to_room == "outside":
            assert walk.device not in outside
            outside.add(walk.device)
        elif walk.from_room == "outside":
            outside.remove(walk.device)


def test_in_a_drill_half_of_what_is_in_use_leaves_within_minutes_and_one_drill_was_announced() -> (
    None
):
    times = sorted(walk.at_s for walk in _exits("drill"))
    assert len(times) > 100
    first = [at_s for at_s in times if at_s < times[0] + 300]
    assert len(first) > 30 and times[len(first)] > times[0] + 1800
    told = list(happenings(scenario_day("drill", 4), PORTIONS))
    announced = [h for h in told if isinstance(h, Leave) and len(h.devices) == 120]
    assert len(announced) == 1


def test_at_the_end_of_the_day_most_devices_go_home_from_carts_too_and_come_back() -> None:
    told = list(happenings(scenario_day("end-of-day", 4, hours=30), 20))
    walks = [h for h in told if isinstance(h, Walk) and h.kind == "through"]
    evening = {h.device for h in walks if h.to_room == "outside" and h.at_s > START_S + 7 * 3600}
    morning = {h.device for h in walks if h.from_room == "outside" and h.at_s > START_S + 20 * 3600}
    assert len(evening) > 60 and evening <= morning


def test_a_cart_that_rolls_is_dark_and_its_own_tag_and_devices_go_with_it() -> None:
    day = scenario_day("cart-roundtrip", 4)
    tag = 120
    assert [p.room for p in day.placements if p.device == tag] == ["r101"]
    told = list(happenings(day, PORTIONS))
    riding = [h for h in told if isinstance(h, Walk) and h.in_cart and h.device < 30]
    cart = [h for h in told if isinstance(h, Walk) and h.device == tag]
    dark = [h for h in told if isinstance(h, Unplug) and h.gateway == "gw-c1"]
    assert dark and all(gone.device == tag and gone.until_s - gone.at_s > 25 for gone in dark)
    assert len(riding) > 100 and len(cart) > 5
    for walk in [*riding, *cart]:
        assert any(gone.at_s <= walk.at_s <= gone.until_s for gone in dark)
    assert {walk.at_s for walk in riding} == {walk.at_s for walk in cart}


def test_clothes_carry_foreign_tags_along_and_near_doors_for_a_whole_lesson() -> None:
    walks = _walks("clothes")
    foreign = [walk for walk in walks if walk.device >= 120]
    assert len(foreign) > 0.7 * (len(walks) - len(foreign))
    assert sum(walk.pause_s > 900 for walk in foreign) > 30
