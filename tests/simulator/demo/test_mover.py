"""A device of a live school moved by hand: through every doorway, in walking time, and told so."""

import random
from contextlib import suppress
from functools import cache

import pytest

from edge.contracts.school import School
from edge.contracts.school_file import parse_school
from simulator.demo.control import Move, Refused
from simulator.demo.desk import DeskField
from simulator.demo.files import DEMO_DESK
from simulator.demo.mover import Mover
from simulator.live import live_short_day
from tests.simulator.demo_school import PATH, SCHOOL, START_S, devices

LESSON_S = 75.0
DEVICES = devices()
WITH_DESK = parse_school(PATH.read_text() + DEMO_DESK)
DEVICE = 16  # number 17 of cart c1


class Bench:
    """A live school whose time passes when told, and who moves things in it."""

    def __init__(self, school: School = SCHOOL) -> None:
        self.now_s = 500.0
        self.live = live_short_day(school, DEVICES, LESSON_S, START_S, lambda: self.now_s)
        self.desks = {desk: DeskField(random.Random(1)) for desk in school.desks}
        self._mover = Mover(self.live, school, DEVICES, self.desks, lambda: self.now_s)
        self._fields = {door.id: self.live.field(door.gateway) for door in SCHOOL.doorways.values()}

    def move(self, device: str, to: str) -> str:
        return self._mover.move(Move(device, to))

    def passes(self, seconds: float) -> dict[str, set[bytes]]:
        """Let time pass; the EPCs heard at each doorway."""
        heard: dict[str, set[bytes]] = {door: set() for door in self._fields}
        for _ in range(int(seconds * 5)):
            self.now_s += 0.2
            for door, field in self._fields.items():
                for antenna in (1, 2):
                    answers = field.answer(antenna, self.now_s, 20.0, 910.25)
                    heard[door] |= {answer.tag.epc for answer in answers if answer.heard}
        return heard

    def on_desk(self) -> set[bytes]:
        """The EPCs that answer on the library's desk now."""
        found = self.desks["library-desk"].answer(1, self.now_s, 15.0, 910.25)
        return {answer.tag.epc for answer in found}

    def room(self, device: int = DEVICE) -> str:
        self.live.advance(self.now_s)
        return self.live.rooms[device]

    def cart(self, device: int = DEVICE) -> str | None:
        self.live.advance(self.now_s)
        return next((c for c, inside in self.live.carts.items() if device in inside), None)


@cache
def untouched() -> dict[str, set[bytes]]:
    """What is heard while nobody moves anything."""
    return Bench().passes(35.0)


def test_it_walks_through_every_doorway_and_is_heard_there() -> None:
    bench = Bench()
    told = bench.move("c1/17", "outside")
    epc = DEVICES[DEVICE].epc
    assert told.startswith(f"LI-00017 = c1/17 ({epc}): from Cart 1 in Room 101 to Outside ")
    assert "through d101, front, there in " in told
    assert (bench.cart(), bench.room()) == (None, "r101")  # lifted out, and no further yet
    seconds = float(told.split()[-2])
    assert 8.0 < seconds < 40.0  # two rooms and a hall at 0.8 to 2 m/s
    heard = bench.passes(seconds + 1.0)
    assert bench.room() == "outside"
    assert {door for door, epcs in heard.items() if bytes.fromhex(epc) in epcs} >= {"d101", "front"}


def test_where_it_is_put_it_stays_however_many_lessons_pass() -> None:
    bench = Bench()
    bench.move("c1/17", "gym")
    bench.passes(3 * LESSON_S)
    assert (bench.room(), bench.cart()) == ("gym", None)


def test_back_in_its_cart_the_day_takes_it_on() -> None:
    bench = Bench()
    bench.move("c1/17", "gym")
    bench.passes(60.0)
    assert "from Gym to Cart 1 in Room 101" in bench.move(DEVICES[DEVICE].epc, "C1")
    bench.passes(60.0)
    assert bench.cart() == "c1"
    out = False
    for _ in range(6):
        bench.passes(LESSON_S)
        out |= bench.cart() is None
    assert out


def test_what_was_planned_for_it_no_longer_happens_and_for_others_it_does() -> None:
    bench = Bench()
    bench.move("c1/17", "c2")  # before the first lesson, for which its class has plans with it
    bench.passes(LESSON_S * 0.8)
    assert bench.cart() == "c2"
    assert bench.live.carts["c2"][DEVICE] >= SCHOOL.carts["c2"].capacity  # on top of the others
    assert sum(bench.cart(other) is None for other in range(30)) > 10


def test_one_on_its_way_ends_the_doorway_it_is_in_and_then_turns() -> None:
    bench = Bench()
    bench.move("c1/17", "outside")
    while bench.room() == "r101":
        bench.passes(0.2)
    told = bench.move("c1/17", "r101")
    assert "from Hall A to Room 101 through d101" in told
    bench.passes(60.0)
    assert bench.room() == "r101"


def test_a_whole_school_of_moves_leaves_everybody_somewhere() -> None:
    bench = Bench()
    places = ["gym", "c1", "outside", "library", "c3", "r104", "office", "c2"]
    for turn in range(30):
        with suppress(Refused):  # it is there already, or no doorway leads there
            bench.move(DEVICES[turn * 7 % 120].epc, places[turn % len(places)])
        bench.passes(2.0)
    bench.passes(2 * LESSON_S)
    assert all(room in SCHOOL.rooms for room in bench.live.rooms.values())
    for cart, inside in bench.live.carts.items():
        assert all(bench.room(device) == SCHOOL.carts[cart].home for device in inside)


def test_a_device_carried_to_a_desk_lies_on_its_reader_until_it_is_taken_away() -> None:
    bench = Bench(WITH_DESK)
    epc = bytes.fromhex(DEVICES[DEVICE].epc)
    told = bench.move("c1/17", "library-desk")
    assert "from Cart 1 in Room 101 to Library desk through d101, d-library" in told
    assert bench.on_desk() == set()  # on its way
    bench.now_s += float(told.split()[-2]) + 0.1
    assert bench.on_desk() == {epc} and bench.room() == "library"
    assert "off the desk, in Library" in bench.move("c1/17", "library")
    assert bench.on_desk() == set()
    assert "on Library desk in 0 s" in bench.move("c1/17", "Library Desk")
    assert bench.on_desk() == {epc}
    bench.move("c1/17", "c1")
    assert bench.on_desk() == set()


def test_a_blank_tag_is_laid_on_a_desk_and_taken_away() -> None:
    bench = Bench(WITH_DESK)
    with pytest.raises(Refused, match="lies on no desk"):
        bench.move("blank", "outside")
    bench.move("blank", "library-desk")
    (epc,) = bench.on_desk()
    assert not SCHOOL.accepts(epc.hex().upper())
    bench.move("blank", "outside")
    assert bench.on_desk() == set()


def test_the_desk_changes_nothing_of_the_school_around_it() -> None:
    assert Bench(WITH_DESK).passes(35.0) == untouched()


@pytest.mark.parametrize(
    ("device", "to", "says"),
    [
        ("17", "gym", r"3 devices; give one of LI-00017 = c1/17, LI-00047 = c2/17"),
        ("c9/17", "gym", r'no device "c9/17": give an EPC, an asset tag, or CART/NUMBER'),
        ("", "gym", r"no device"),
        ("li-00017", "attic", r'no room, cart or desk "attic"; there are hall-a, .*, c3'),
        ("c1/17", "cart 1", r"is in Cart 1 in Room 101 already"),
        ("c1/17", "office", r"no doorway leads from Cart 1 in Room 101 to Office"),
    ],
)
def test_what_cannot_be_moved_is_said_and_changes_nothing(device: str, to: str, says: str) -> None:
    bench = Bench()
    with pytest.raises(Refused, match=says):
        bench.move(device, to)
    assert bench.passes(35.0) == untouched()
