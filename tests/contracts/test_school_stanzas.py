"""Sections that are written for somebody are what the school file takes, and spoil nothing."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contracts import school_stanzas as stanzas
from edge.contracts.school import Place, Reader
from edge.contracts.school_file import parse_school
from tests.support.files import ROOT

DEMO = (ROOT / "simulator" / "schools" / "demo.toml").read_text(encoding="utf-8")


def test_each_place_stands_where_it_was_told() -> None:
    text = stanzas.added(
        DEMO,
        [
            stanzas.room("attic", "storage", "The attic", 2),
            stanzas.doorway("d9", ("hall-a", "attic"), "gw-a", {1: "hall-a", 4: "attic"}, "Stairs"),
            stanzas.gateway("gw-a", "a0", [1, 4]),
            stanzas.cart("c9", "attic", "gw-b", [2, 1], 24),
            stanzas.gateway("gw-b", "m100", [1, 2]),
            stanzas.desk("help", "r101", "gw-c", [1], "Help desk"),
        ],
    )
    school = parse_school(text)
    assert text.startswith(DEMO)
    assert school.rooms["attic"].floor == 2 and school.doorways["d9"].name == "Stairs"
    assert school.place_of("gw-a", 4) == Place("doorway", "d9", "attic")
    assert school.place_of("gw-b", 2) == Place("cart", "c9", "attic")
    assert school.place_of("gw-c", 1) == Place("desk", "help", "r101")
    assert school.carts["c9"].capacity == 24
    assert school.gateways["gw-a"].readers == [Reader("a0", [1, 4])]
    assert school.gateways["gw-b"].readers == [Reader("m100", [1]), Reader("m100", [2])]


@given(value=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_name_comes_back_as_it_was(value: str) -> None:
    assert tomllib.loads(f"x = {stanzas.text(value)}") == {"x": value}


@pytest.mark.parametrize("id_", ["a b", 'a"]\n[rooms.x', "", "ä"])
def test_an_odd_id_stays_within_its_section(id_: str) -> None:
    text = stanzas.added("x = 1", [stanzas.room(id_, "hall")])
    assert tomllib.loads(text) == {"x": 1, "rooms": {id_: {"kind": "hall"}}}
