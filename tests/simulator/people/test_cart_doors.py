"""Doors of carts are open whenever a device is taken out or put in, and shut again after."""

from simulator.people.itinerary import Dock, OpenCart, Undock
from tests.simulator.demo_school import demo_day, happenings


def test_a_cart_is_open_whenever_it_is_touched_and_shut_most_of_the_time() -> None:
    told = list(happenings(demo_day(4), portions=6))
    openings = [happening for happening in told if isinstance(happening, OpenCart)]
    touched = [happening for happening in told if isinstance(happening, Dock | Undock)]
    assert len(touched) > 5 * len(openings) > 10
    for touch in touched:
        assert any(o.cart == touch.cart and o.at_s <= touch.at_s < o.until_s for o in openings), (
            touch
        )
    assert [o.begin_s for o in openings] == sorted(o.begin_s for o in openings)
