"""The demo's school is the committed one without its bells; a gateway knows its readers."""

from edge.contracts.school import Reader
from edge.contracts.school_file import parse_school
from simulator.air.antennas import readers_of
from simulator.demo.files import DEMO_SCHOOL, without_bells

PLAIN = """
name = "S"
site = "s"
timezone = "UTC"
[rooms.r1]
[carts.c1]
home = "r1"
gateway = "g1"
antennas = [2, 1]
"""


def test_only_the_bells_are_taken_out() -> None:
    whole = parse_school(DEMO_SCHOOL.read_text())
    without = parse_school(without_bells(DEMO_SCHOOL.read_text()))
    assert whole.bells is not None and without.bells is None
    assert without.places == whole.places and without.rooms == whole.rooms
    assert without.raw_simulator == whole.raw_simulator


def test_bells_at_the_end_of_a_file_are_taken_out_too() -> None:
    bells = '[bells]\ndays = ["mon"]\nlessons = [["08:00", "09:00"]]\n'
    assert without_bells(PLAIN + bells) == PLAIN


def test_the_demo_school_is_as_large_as_promised() -> None:
    school = parse_school(DEMO_SCHOOL.read_text())
    assert len(school.rooms) >= 8 and len(school.doorways) == 8 and len(school.carts) == 3
    assert school.exits()
    for doorway in school.doorways.values():
        assert sum(len(reader.antennas) for reader in readers_of(school, doorway.gateway)) == 2


def test_the_demo_school_has_a_doorway_and_a_cart_with_other_modules() -> None:
    school = parse_school(DEMO_SCHOOL.read_text())
    others = {
        place.kind: reader.family
        for gateway in school.gateway_ids
        for reader in readers_of(school, gateway)
        for place in [school.places[gateway, reader.antennas[0]]]
        if reader.family != "m100"
    }
    assert others == {"doorway": "a0", "cart": "m6e"}


def test_a_gateway_without_stated_readers_gets_a_module_for_each_antenna() -> None:
    readers = readers_of(parse_school(PLAIN), "g1")
    assert readers == [Reader("m100", [1]), Reader("m100", [2])]
