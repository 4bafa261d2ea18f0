"""Whether a told day holds together: nothing moves from where it is not."""

from edge.contracts.school import School
from simulator.people.day import Day
from simulator.people.itinerary import Dock, Leave, OpenCart, Unplug, Walk
from tests.simulator.demo_school import SCHOOL, START_S, happenings


def check_story(day: Day, portions: int, school: School = SCHOOL) -> int:
    """Walk through the first portions of a day; return how many things happened."""
    room = {placed.device: placed.room for placed in day.placements}
    cart = {placed.device: placed.cart for placed in day.placements}
    slots = {(p.cart, p.slot) for p in day.placements if p.cart}
    assert len(slots) == sum(c is not None for c in cart.values())
    stands: dict[str | None, str] = {cart.id: cart.home for cart in school.carts.values()}
    ended: dict[int, float] = {}
    told = sorted(
        (h for h in happenings(day, portions) if not isinstance(h, Leave | OpenCart | Unplug)),
        key=lambda h: h.at_s,
    )
    for happening in told:
        device = happening.device
        if device not in room:
            continue  # a foreign tag: nobody says where it is
        if isinstance(happening, Walk):
            between = school.doorways[happening.doorway].between
            assert happening.in_cart == (cart[device] is not None)
            if cart[device] is not None and happening.kind == "through":
                stands[cart[device]] = happening.to_room
            assert happening.from_room == room[device] or happening.kind == "past"
            assert happening.from_room in between and happening.to_room in between
            assert (happening.from_room != happening.to_room) == (happening.kind == "through")
            assert 0.8 <= happening.speed_m_s <= 2.0
            if happening.kind != "past":
                room[device] = happening.to_room
        elif isinstance(happening, Dock):
            assert cart[device] is None and stands[happening.cart] == room[device]
            cart[device] = happening.cart
        else:
            assert cart[device] == happening.cart
            cart[device] = None
        assert happening.at_s >= ended.get(device, START_S)
        ended[device] = happening.at_s
    return len(told)
