"""What people do in scenarios: as hard as it is meant to be."""

from collections import Counter, defaultdict

from simulator.people.itinerary import Dock, Walk
from tests.simulator.demo_school import happenings, scenario_day

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
