"""What a trial found stands in the school file, and nothing else is touched."""

import difflib

from edge.commissioning.filed import with_power, with_sides
from edge.contracts.school_file import parse_school
from tests.support.files import ROOT

DEMO = (ROOT / "simulator" / "schools" / "demo.toml").read_text(encoding="utf-8")
DOOR = next(iter(parse_school(DEMO).doorways.values()))


def changed_lines(text: str) -> list[str]:
    lines = difflib.ndiff(DEMO.splitlines(), text.splitlines())
    return [line[2:] for line in lines if line.startswith("+ ")]


def test_a_power_is_written_to_its_gateway_alone():
    text = with_power(DEMO, DOOR.gateway, {1: 13, 2: 13})
    assert text is not None and changed_lines(text) == ["power_dbm = { 1 = 13, 2 = 13 }"]
    assert parse_school(text).gateways[DOOR.gateway].power_dbm == {1: 13, 2: 13}


def test_other_antennas_and_the_notes_of_a_line_stay():
    noted = DEMO.replace("power_dbm = { 1 = 20, 2 = 20 }", "power_dbm = {1=20,2=20} # as tried", 1)
    gateway = noted[: noted.index("# as tried")].rpartition("[gateways.")[2].partition("]")[0]
    text = with_power(noted, gateway, {2: 12.5})
    assert text is not None and "power_dbm = { 1 = 20, 2 = 12.5 } # as tried" in text


def test_sides_are_swapped_in_the_doorway_alone():
    one, other = DOOR.between
    swapped = {n: other if room == one else one for n, room in DOOR.antennas.items()}
    text = with_sides(DEMO, DOOR.id, swapped)
    assert text is not None and len(changed_lines(text)) == 1
    assert parse_school(text).doorways[DOOR.id].antennas == swapped


def test_a_file_laid_out_in_another_way_is_left_to_a_person():
    header = f"[gateways.{DOOR.gateway}]"
    assert with_power(DEMO, "gw-none", {1: 10}) is None
    dotted = DEMO.replace("power_dbm = { 1 = 20, 2 = 20 }", "power_dbm.1 = 20\npower_dbm.2 = 20")
    assert header in dotted and with_power(dotted, DOOR.gateway, {1: 10}) is None
    assert with_sides(DEMO, DOOR.id, {1: "nowhere", 2: DOOR.between[1]}) is None
    assert with_sides(DEMO, DOOR.id, {9: DOOR.between[0]}) is None
